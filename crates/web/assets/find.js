// The nearest of what is found, below a box while somebody types: the search box, or one of a form in which somebody is picked.
// Without it both are forms like any other.
const WAIT = 150;
// A number with more digits than a telephone is sent whole or not at all.
const MOST_DIGITS = 14;

for (const around of document.querySelectorAll("[data-find]")) {
  const box = around.querySelector("input[type=search]");
  const found = around.querySelector(".found");
  const told = around.querySelector("[role=status]");
  const { find, pick, near, whom, record } = around.dataset;
  let waiting = 0;
  let asking = null;
  let chosen = -1;

  const options = () => [...found.querySelectorAll("[role=option]")];

  const choose = (nth) => {
    chosen = nth;
    options().forEach((option, at) => option.setAttribute("aria-selected", String(at === nth)));
    const option = options()[nth];
    if (option) box.setAttribute("aria-activedescendant", option.id);
    else box.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    asking = null;
    found.hidden = true;
    box.setAttribute("aria-expanded", "false");
    choose(-1);
  };

  const show = (answer) => {
    found.innerHTML = answer;
    told.textContent = found.querySelector(".told")?.textContent ?? "";
    options().forEach((option, at) => (option.id = `${found.id}-${at}`));
    found.hidden = false;
    box.setAttribute("aria-expanded", String(options().length > 0));
    choose(-1);
  };

  const ask = async () => {
    asking?.abort();
    const own = (asking = new AbortController());
    try {
      const asked = new URLSearchParams({ q: box.value });
      if (pick) asked.set("pick", pick);
      if (near) asked.set("near", near);
      if (whom) asked.set("whom", whom);
      const answer = await fetch(find, { method: "POST", body: asked, signal: own.signal });
      const text = await answer.text();
      if (own !== asking) return;
      if (answer.ok) show(text);
      else close();
    } catch {
      if (own === asking) close();
    }
  };

  const typed = () => {
    clearTimeout(waiting);
    const text = box.value.trim();
    const digits = text.replace(/[^0-9０-９]/g, "").length;
    if (text === "" || digits > MOST_DIGITS) {
      told.textContent = "";
      close();
    } else {
      waiting = setTimeout(ask, WAIT);
    }
  };

  // Who is picked goes to the form as if it had been filled in so, and comes back with what is known of them.
  const take = (chosen) => {
    for (const other of box.form.querySelectorAll(`[name="${record}"]`)) other.remove();
    const add = (kind, name, value) => {
      const added = document.createElement(kind);
      Object.assign(added, { type: kind === "button" ? "submit" : "hidden", name, value, hidden: true });
      return box.form.appendChild(added);
    };
    box.value = "";
    add("input", record, chosen);
    const open = add("button", "step", "open");
    open.formNoValidate = true;
    box.form.requestSubmit(open);
  };

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", found.id);
  box.setAttribute("aria-expanded", "false");
  // While characters are being composed the letters typed for them are no question yet.
  box.addEventListener("input", (event) => event.isComposing || typed());
  box.addEventListener("compositionend", typed);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const all = options().length;
    if (event.key === "Escape" && !found.hidden) {
      event.preventDefault();
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !found.hidden && all > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      choose(chosen < 0 && step < 0 ? all - 1 : (chosen + step + all) % all);
    } else if (event.key === "Enter" && !found.hidden && chosen >= 0) {
      event.preventDefault();
      options()[chosen].click();
    }
  });
  // A press on the list leaves the box where it is, so that the list is still there when the press ends.
  found.addEventListener("mousedown", (event) => event.preventDefault());
  if (pick) found.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option.value);
  });
  around.addEventListener("focusout", (event) => around.contains(event.relatedTarget) || close());
  box.form.addEventListener("submit", close);
}
