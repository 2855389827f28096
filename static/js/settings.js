// What a screen remembers about itself, in the browser: a browser that keeps nothing still works.

/** The value of a setting, or `fallback`. */
export function stored(key, fallback) {
  try {
    return localStorage.getItem(key) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Keep a setting, if the browser keeps anything. */
export function store(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // The setting is forgotten when the page is left.
  }
}
