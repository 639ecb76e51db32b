// Makes the printed page live: charts with hover, the replay on the map, the colours. Without it everything still stands there.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const dataOf = (id) => JSON.parse(byId(id).textContent);

  // Rows from the columns that figures.packed made.
  const unpack = ({ rows, columns }) => {
    const names = Object.keys(columns);
    return Array.from({ length: rows }, (_, row) => {
      const made = {};
      for (const name of names) {
        const column = columns[name];
        made[name] = "all" in column ? column.all : column.of ? column.of[column.at[row]] : column.each[row];
      }
      return made;
    });
  };

  const live = (holder, stored, width) => {
    const spec = structuredClone(stored);
    spec.datasets = Object.fromEntries(Object.entries(spec.datasets || {}).map(([key, data]) => [key, unpack(data)]));
    const labels = Number(holder.dataset.labels || 0);
    if (spec.columns) spec.columns = width > 640 ? spec.columns : 1;
    if (width < 520) spec.config.legend = { ...spec.config.legend, columns: 1 };
    const across = spec.columns || 1;
    spec.config.view = { ...spec.config.view, continuousWidth: Math.max(160, Math.floor((width - labels) / across)) };
    const place = document.createElement("div");
    const options = { actions: false, renderer: "svg", ast: true, mode: "vega-lite", tooltip: { theme: "custom", disableDefaultStyle: true } };
    return vegaEmbed(place, spec, options).then((result) => {
      const drawn = place.querySelector("svg");
      const wide = drawn ? Number(drawn.getAttribute("width")) : 0;
      // Axis labels take room that is known only now: draw once more where the first try does not fit.
      if (!holder.dataset.labels && Math.abs(wide - width) > 6) {
        holder.dataset.labels = String(wide - across * spec.config.view.continuousWidth);
        result.finalize();
        return live(holder, stored, width);
      }
      // The holder says what is shown; what Vega adds would say it a second time, in roles that few readers know.
      for (const node of [place, ...place.querySelectorAll("[role]")]) {
        for (const name of ["role", "aria-roledescription", "aria-label"]) node.removeAttribute(name);
      }
      place.setAttribute("aria-hidden", "true");
      holder.replaceChildren(place);
      holder.dataset.live = "yes";
      return result;
    });
  };

  const startCharts = () => {
    const specs = dataOf("figures-data");
    const shown = new Map();
    const draw = (holder) => {
      const width = Math.floor(holder.clientWidth);
      const before = shown.get(holder);
      if (!width || (before && before.width === width)) return;
      const state = { width, result: null };
      shown.set(holder, state);
      live(holder, specs[holder.dataset.figure], width)
        .then((result) => {
          if (before && before.result) before.result.finalize();
          state.result = result;
        })
        .catch((error) => console.error(`figure ${holder.dataset.figure}: ${error}`));
    };
    const near = new IntersectionObserver(
      (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => draw(entry.target)),
      { rootMargin: "400px" },
    );
    const holders = [...document.querySelectorAll("[data-figure]")];
    holders.forEach((holder) => near.observe(holder));
    let timer = 0;
    addEventListener("resize", () => {
      clearTimeout(timer);
      timer = setTimeout(() => holders.filter((holder) => shown.has(holder)).forEach(draw), 200);
    });
    addEventListener("scroll", () => byId("vg-tooltip-element")?.classList.remove("visible"), { passive: true });
  };

  const startReplay = () => {
    const stored = dataOf("replay-data");
    const box = byId("replay");
    if (!box || !stored.days) return;
    const plan = byId("replay-plan"), history = byId("replay-history"), day = byId("replay-day");
    const play = byId("replay-play"), date = byId("replay-date"), log = byId("replay-log");
    box.querySelector(".controls").hidden = false;
    const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const [year, month, first] = stored.start.split("-").map(Number);
    const told = (number) => {
      const when = new Date(Date.UTC(year, month - 1, first + number));
      return `${when.getUTCDate()} ${months[when.getUTCMonth()]} ${when.getUTCFullYear()}`;
    };
    const option = (text, value) => Object.assign(document.createElement("option"), { textContent: text, value });
    plan.append(...Object.entries(stored.plans).map(([id, one]) => option(one.title, id)));
    const fillHistories = () => {
      const one = stored.plans[plan.value];
      history.replaceChildren(
        ...one.histories.map((entry, k) => option(k === one.medoid ? `${entry.replication} (the most typical)` : entry.replication, k)),
      );
      history.value = one.medoid;
    };
    const colour = (share) => stored.colours[share <= 0 ? 0 : share >= 1 ? 4 : Math.min(1 + Math.floor(share * 4), 4)];
    const each = (attribute, act) => box.querySelectorAll(`[data-${attribute}]`).forEach((node) => act(node, node.dataset[attribute]));
    const show = () => {
      const frame = Number(day.value);
      const one = stored.plans[plan.value].histories[Number(history.value)];
      const now = stored.days[frame];
      const share = (name) => ((one.operations[name] || one.phases[name] || [])[frame] || 0) / 100;
      each("spot", (node, name) => node.setAttribute("fill", colour(share(name))));
      each("arc", (node, name) => node.setAttribute("stroke-dasharray", `${Math.round(100 * share(name))} 100`));
      each("share", (node, name) => { node.textContent = `${Math.round(100 * share(name))} %`; });
      each("bar", (node, name) => node.setAttribute("width", (Number(node.dataset.full) * share(name)).toFixed(1)));
      date.textContent = `${told(now)}, day ${now}`;
      day.setAttribute("aria-valuetext", date.textContent);
      const past = one.events.filter(([when]) => when <= now).slice(-8).reverse();
      log.replaceChildren(
        ...past.map(([when, text]) => {
          const line = document.createElement("li");
          line.append(Object.assign(document.createElement("time"), { textContent: told(when) }), text);
          return line;
        }),
      );
    };
    let timer = 0;
    const stop = () => { clearInterval(timer); timer = 0; play.textContent = "Play"; };
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (Number(day.value) >= Number(day.max)) day.value = 0;
      play.textContent = "Pause";
      timer = setInterval(() => {
        if (Number(day.value) >= Number(day.max)) return stop();
        day.value = Number(day.value) + 1;
        show();
      }, 90);
    });
    plan.addEventListener("change", () => { fillHistories(); show(); });
    history.addEventListener("change", show);
    day.addEventListener("input", () => { stop(); show(); });
    plan.value = stored.plan;
    fillHistories();
    show();
  };

  const startTools = () => {
    byId("tools").hidden = false;
    const root = document.documentElement, theme = byId("theme");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
    const tell = () => {
      theme.textContent = isDark() ? "Light" : "Dark";
      theme.setAttribute("aria-pressed", String(Boolean(root.dataset.theme)));
    };
    theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; tell(); });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
    tell();
    byId("print").addEventListener("click", () => print());
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = [...document.querySelectorAll("details:not([open])")];
      closed.forEach((one) => { one.open = true; });
    });
    addEventListener("afterprint", () => closed.forEach((one) => { one.open = false; }));
  };

  startTools();
  startReplay();
  startCharts();
})();
