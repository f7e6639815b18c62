// Shows the page at two widths, and writes down what a browser makes of it: nothing of this is in the page.
const text = element => element.textContent.trim();
const told = element => ({ role: element.computedRole, name: element.computedName });
const shown = (width, frame) => {
  const { document: page, performance } = frame.contentWindow;
  const all = selector => [...page.querySelectorAll(selector)];
  const style = (selector, name) => getComputedStyle(page.querySelector(selector))[name];
  return {
    width,
    scroll: page.documentElement.scrollWidth,
    room: page.documentElement.clientWidth,
    requests: performance.getEntriesByType("resource").length,
    paper: style("body", "backgroundColor"),
    held: style("rect.h", "fill"),
    swatch: style(".k.h", "backgroundImage"),
    headings: all("h1,h2,h3").map(told),
    figures: all("figure").map(told),
    plots: all("svg[role=img]").map(told),
    scrolling: all(".x").map(element => (element.focus(), { ...told(element), focused: page.activeElement === element })),
    // How far each column of the newest day is out of sight, before anybody scrolls.
    hidden: all(".x").map(element => {
      const right = Math.max(...[...element.querySelectorAll("svg rect[x]")].map(column => column.getBoundingClientRect().right));
      return right - element.getBoundingClientRect().right;
    }),
    tables: all("table").map(table => ({
      ...told(table),
      columns: [...table.querySelectorAll("thead th")].map(told),
      rows: [...table.querySelectorAll("tbody tr")].map(row => told(row.querySelector("th"))),
    })),
    terms: all("dl > div").map(element => [...element.children].map(child => child.tagName).join(" ")),
  };
};
const frames = WIDTHS.map(width => {
  const frame = document.createElement("iframe");
  frame.style.cssText = `border:0;height:600px;width:${width}px`;
  frame.srcdoc = PAGE;
  document.body.append(frame);
  return new Promise(loaded => { frame.onload = () => loaded(shown(width, frame)); });
});
Promise.all(frames).then(all => { document.querySelector("pre").textContent = encodeURIComponent(JSON.stringify(all)); });
