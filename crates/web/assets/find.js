// The nearest of what is found, below the search box while somebody types. Without it the box is a form like any other.
const WAIT = 150;
// A number with more digits than a telephone is sent whole or not at all.
const MOST_DIGITS = 14;

for (const form of document.querySelectorAll("form[data-find]")) {
  const box = form.querySelector("input[type=search]");
  const found = form.querySelector("#found");
  const told = form.querySelector("[role=status]");
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
    found.hidden = false;
    box.setAttribute("aria-expanded", String(options().length > 0));
    choose(-1);
  };

  const ask = async () => {
    asking?.abort();
    const own = (asking = new AbortController());
    try {
      const sent = { method: "POST", body: new URLSearchParams({ q: box.value }), signal: own.signal };
      const answer = await fetch(form.dataset.find, sent);
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

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "found");
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
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || close());
  form.addEventListener("submit", close);
}
