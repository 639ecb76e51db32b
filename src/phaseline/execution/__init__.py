"""Running a compiled scenario: the run store, the executors, and the loop that joins them. It knows no file format of ours."""
