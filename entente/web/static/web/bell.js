// The bell: counts what is unread and shows what is new, as the server tells it. Without it the list is one click away.
"use strict";

(() => {
  const bell = document.querySelector("[data-stream]");
  const toasts = document.querySelector("[data-toasts]");
  if (!bell || !toasts || !window.EventSource) return;
  const count = bell.querySelector("[data-unread]");
  let latest = Number(bell.dataset.since) || 0;
  let source = null;

  // A hidden page listens to nothing: a browser has few connections to one server.
  function listen() {
    if (document.hidden) { source?.close(); source = null; return; }
    if (source) return;
    source = new EventSource(`${bell.dataset.stream}?since=${latest}`);
    source.addEventListener("told", (event) => {
      const told = JSON.parse(event.data);
      counted(told.unread);
      if (told.id > latest) { latest = told.id; if (told.aloud) show(told); }
    });
    source.addEventListener("state", (event) => counted(JSON.parse(event.data).unread));
  }

  function counted(unread) {
    count.textContent = unread > 99 ? "99+" : unread;
    count.hidden = !unread;
  }

  function show(told) {
    const toast = document.createElement("div");
    toast.className = "toast";
    const text = document.createElement(told.path.startsWith("/") ? "a" : "span");
    if (text.localName === "a") { text.href = told.path; text.dataset.read = `${bell.pathname}${told.id}/read/`; }
    text.dir = "auto";
    text.textContent = told.text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button button-plain";
    close.textContent = toasts.dataset.close;
    close.addEventListener("click", () => toast.remove());
    toast.append(text, close);
    toasts.append(toast);
    while (toasts.children.length > 4) toasts.firstElementChild.remove();
    setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 12000);
  }

  // Who follows a notification has read it; without a script it is marked in the list.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-read]");
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    if (!link || !token) return;
    const form = new FormData();
    form.append(token.name, token.value);
    navigator.sendBeacon(link.dataset.read, form);
  });

  document.addEventListener("visibilitychange", listen);
  addEventListener("pagehide", () => { source?.close(); source = null; });
  addEventListener("pageshow", listen);
  listen();
})();
