// What a page owes to whoever reads it otherwise than by eye and mouse, and axe doesn't look at. Each function gives what is wrong.
(() => {
  const seen = (it) => {
    const box = it.getBoundingClientRect();
    return it.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1 && box.right > 0 && !it.closest(".unseen");
  };
  const told = (it) => {
    const words = (it.innerText || it.value || it.getAttribute("aria-label") || it.name || "").trim().slice(0, 24);
    const within = it.closest("[class]");
    return `${it.localName}${within ? "." + within.className : ""} “${words}”`;
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);

  // Levels of headings go down one at a time, and there is one of the first.
  const headings = () => {
    const wrong = [];
    let before = 0;
    let first = 0;
    for (const it of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      const level = Number(it.localName[1]);
      if (level === 1) first += 1;
      if (level > before + 1) wrong.push(`${told(it)} follows a heading of level ${before}`);
      before = level;
    }
    if (first !== 1) wrong.push(`${first} headings of the first level`);
    return wrong;
  };

  // A table says what it is: by a caption, or a label of its own.
  const tables = () =>
    [...document.querySelectorAll("table")]
      .filter((it) => !it.caption && !it.ariaLabel && !it.parentElement.matches("[role=region][aria-label]"))
      .map((it) => `table.${it.className} has neither caption nor label`);

  // A link is in running text if other words than links stand in the same block.
  const inText = (it) => {
    if (it.localName !== "a" || getComputedStyle(it).display !== "inline") return false;
    const block = it.closest("p, li, td, th, dd, dt, figcaption, caption, legend");
    const links = [...(block?.querySelectorAll("a") ?? [])].map((link) => link.textContent.trim().length);
    return (block?.textContent.replace(/\s+/g, "").length ?? 0) > links.reduce((sum, length) => sum + length, 0) + 1;
  };
  // A link in a chart, of which the same page has another to the same place.
  const drawn = (it) => {
    const to = it.closest("svg") && it.getAttribute("href");
    return to && all("a[href]").some((other) => !other.closest("svg") && other.getAttribute("href") === to);
  };
  // What a finger meets: a label meets for its box.
  const targets = () => {
    const wrong = [];
    for (const it of all("a[href], button, input:not([type=hidden]), select, textarea, summary, [role=option]")) {
      if (inText(it) || drawn(it)) continue;
      const label = it.closest("label");
      const box = (label ?? it).getBoundingClientRect();
      const [width, height] = [Math.round(box.width * 10) / 10, Math.round(box.height * 10) / 10];
      if (width < 44 || height < 44) wrong.push(`${told(it)} is ${width} × ${height}`);
    }
    return wrong;
  };

  // Nothing has a place of its own in the order of the keys.
  const order = () => all("[tabindex]").filter((it) => it.tabIndex > 0).map((it) => `${told(it)} has tabindex ${it.tabIndex}`);

  // What the keys come to shows that they are there, and comes further down the page or beside what was before, not above it.
  const focus = () => {
    const wrong = [];
    let before = null;
    for (const it of all("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")) {
      if (it.tabIndex < 0) continue;
      it.focus({ focusVisible: true, preventScroll: true });
      if (document.activeElement !== it) continue;
      const style = getComputedStyle(it);
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) wrong.push(`${told(it)} doesn't show that it has the focus`);
      const box = it.getBoundingClientRect();
      if (before && box.bottom <= before.top && box.left < before.right && box.right > before.left) {
        wrong.push(`${told(it)} stands above what the keys come to before it`);
      }
      before = box;
    }
    document.activeElement.blur();
    scrollTo(0, 0);
    return wrong;
  };

  // No text runs out of the page: only what scrolls by itself may be wider.
  const widths = () => {
    const page = document.documentElement;
    return page.scrollWidth > page.clientWidth + 1 ? [`the page is ${page.scrollWidth} wide, its window ${page.clientWidth}`] : [];
  };

  // What is coloured as good, bad or doubtful says so by a sign or a word, too, unless it is text by itself.
  const colours = () => {
    const root = getComputedStyle(document.documentElement);
    const named = (name) => {
      const probe = document.createElement("i");
      probe.style.color = root.getPropertyValue(name);
      document.body.append(probe);
      const colour = getComputedStyle(probe).color;
      probe.remove();
      return colour;
    };
    const told_by = ["--good", "--bad", "--warn"].map(named);
    return all("main *")
      .filter((it) => told_by.includes(getComputedStyle(it).color) && !told_by.includes(getComputedStyle(it.parentElement).color))
      .filter((it) => !/\p{L}|\p{N}.*\p{L}|[✓✗○＝≈≠?+−→]/u.test(it.textContent))
      .map((it) => `${told(it)} is told by its colour alone`);
  };

  // Leaves of rows, items and choices that are made alike only two. It finds nothing wrong.
  const thin = () => {
    const tells = /^(class|type|role|scope|open|hidden|aria-.*)$/;
    const shape = (it) => {
      const own = [...it.attributes].filter((at) => tells.test(at.name)).map((at) => (at.name === "class" ? at.value : at.name));
      return `${it.localName}[${own}](${[...it.children].map(shape)})`;
    };
    for (const many of document.querySelectorAll("tbody, ul, ol, select, datalist")) {
      const known = {};
      for (const it of [...many.children]) {
        const own = shape(it);
        known[own] = (known[own] ?? 0) + 1;
        if (known[own] > 2) it.remove();
      }
    }
    return [];
  };

  return { headings, tables, targets, order, focus, widths, colours, thin };
})();
