// Entente for websites: <script src="https://HOST/entente.js" data-key="wk_..." defer></script>
// Before consent, and after it is refused, nothing is read from or written to the device, and nothing that is sent
// identifies the visitor. With Do-Not-Track or Global Privacy Control nothing is sent at all.
((w, d, n) => {
  const me = d.currentScript, key = me.dataset.key, to = new URL(me.src).origin + "/v1/b", item = "entente";
  const off = n.globalPrivacyControl || n.doNotTrack == 1 || w.doNotTrack == 1;
  const traitNames = /^(email|(first|last|full)?_?name|company|job_?title|title|phone|country|website|employees)$/i;
  const never = /^(password|hidden|file|submit|button|reset|image)$/;
  const waiting = Array.isArray(w.entente) ? w.entente : [];
  let visitor, consent, shown, started;

  const now = () => new Date().toISOString();
  const random = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), b => (b + 256).toString(16).slice(1)).join("");

  const post = (call, tries = 0) => {
    const body = JSON.stringify({ writeKey: key, sentAt: now(), batch: [call] });
    const again = s => tries < 5 && setTimeout(post, (s || 2 ** tries) * 1000, call, tries + 1);
    try {
      fetch(to, { method: "POST", body, keepalive: body.length < 6e4, credentials: "omit" }).then(
        r => (r.status == 429 || r.status > 499) && again(+r.headers.get("Retry-After")), () => again());
    } catch (e) {
      n.sendBeacon(to, body);
    }
  };

  const campaign = () => {
    const said = {};
    new URLSearchParams(location.search).forEach((value, name) => {
      if (/^utm_/.test(name)) said[name == "utm_campaign" ? "name" : name.slice(4)] = value;
    });
    return said;
  };

  const where = () => {
    const plain = address => address && new URL(address).origin, l = location;
    return {
      path: l.pathname, title: d.title,
      url: visitor ? l.href : l.origin + l.pathname, referrer: visitor ? d.referrer : plain(d.referrer),
    };
  };

  const send = (type, more) => {
    if (off) return;
    post({
      type, messageId: random(), timestamp: now(), ...(visitor && { anonymousId: visitor.id, userId: visitor.user }),
      context: {
        library: { name: "entente.js", version: "1" }, page: where(), campaign: campaign(), locale: n.language, consent,
      }, ...more,
    });
  };

  const keep = () => { try { localStorage[item] = JSON.stringify(visitor); } catch (e) { /* for this page only */ } };

  const api = {
    consent(given) {
      if (off) return;
      if (!given) {
        if (visitor) {
          consent.choice = "withdrawn";
          api.track("Consent Withdrawn");
          try { localStorage.removeItem(item); } catch (e) { /* there was none */ }
        }
        visitor = 0;
        consent = { choice: "refused", at: now() };
        return;
      }
      consent = { choice: "granted", at: now(), ...given };
      if (visitor) return;
      try { visitor = JSON.parse(localStorage[item]); } catch (e) { /* a new visitor */ }
      visitor = visitor || { id: random() };
      keep();
      if (started) api.page();
    },
    page: properties => {
      shown = location.pathname + location.search;
      send("page", { properties: { ...where(), ...(visitor && properties) } });
    },
    track: (event, properties) => send("track", { event, properties: visitor ? properties : {} }),
    identify(user, traits) {
      if (!visitor) return;
      if (typeof user == "object") [user, traits] = [visitor.user, user];
      visitor.user = user;
      keep();
      send("identify", { traits });
    },
    group: (groupId, traits) => visitor && send("group", { groupId, traits }),
    reset() {
      if (!visitor) return;
      visitor = { id: random() };
      keep();
    },
    push: ([name, ...rest]) => api[name](...rest),
  };

  const moved = () => setTimeout(() => shown != location.pathname + location.search && api.page());
  for (const name of ["pushState", "replaceState"]) {
    const before = history[name];
    history[name] = function () { before.apply(this, arguments); moved(); };
  }
  addEventListener("popstate", moved);

  d.addEventListener("submit", e => {
    const form = e.target, name = form.dataset.ententeForm, fields = {}, traits = {};
    if (name == null) return;
    if (visitor) for (const field of form.elements) {
      const { type, value, dataset: { ententeTrait } } = field;
      if (!field.name || !value || never.test(type) || /^cc-/.test(field.autocomplete)) continue;
      if (/^(radio|checkbox)$/.test(type) && !field.checked) continue;
      const trait = ententeTrait || (type == "email" ? "email" : traitNames.test(field.name) && field.name);
      (trait ? traits : fields)[trait || field.name] = value.slice(0, 1000);
    }
    if (traits.email) send("identify", { traits });
    send("form_submitted", { properties: { ...fields, ...traits, form: name, path: location.pathname } });
  }, true);

  w.entente = api;
  waiting.forEach(api.push);
  started = 1;
  api.page();
})(window, document, navigator);
