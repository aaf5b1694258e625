// Tabs as ARIA wants them: arrows move, and only the chosen one is in the tab order. And the two views of a narrow screen.

const tabs = [...document.querySelectorAll("[role=tab]")];

export function choose(id) {
  for (const tab of tabs) {
    const chosen = tab.id === id;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
}

export function start() {
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab.id));
    tab.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(index + step + tabs.length) % tabs.length];
      choose(next.id);
      next.focus();
    });
  }
  const views = [...document.querySelectorAll("[data-show]")];
  for (const view of views) {
    view.addEventListener("click", () => {
      document.body.dataset.view = view.dataset.show;
      for (const other of views) other.setAttribute("aria-pressed", other === view);
    });
  }
}
