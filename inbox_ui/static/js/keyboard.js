// A phone's keyboard lies over the page where the browser makes no room for it: the page ends above it then.
const KEYBOARD = 120; // lower is nothing but a bar of the browser

export function keepAboveKeyboard() {
  const seen = window.visualViewport;
  if (!seen) return;
  seen.addEventListener("resize", () => {
    const covered = seen.scale === 1 && window.innerHeight - seen.height > KEYBOARD;
    document.documentElement.style.setProperty("--seen", covered ? `${Math.floor(seen.height)}px` : null);
    if (covered) window.scrollTo(0, 0);
  });
}
