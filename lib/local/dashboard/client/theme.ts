import { byId } from "./element.ts";

type Theme = "system" | "light" | "dark";

const KEY = "freshet-theme";
const NEXT: Readonly<Record<Theme, Theme>> = { system: "dark", dark: "light", light: "system" };

/** Shows the page in the theme that was chosen; to be called before the page is drawn. */
export function applyTheme(): void {
  show(chosen());
}

/** Makes the button switch: as the system has it, dark, light. */
export function startThemeButton(): void {
  const button = byId("theme");
  const label = (theme: Theme) => {
    button.textContent = `Theme: ${theme}`;
  };
  label(chosen());
  button.addEventListener("click", () => {
    const theme = NEXT[chosen()];
    remember(theme);
    show(theme);
    label(theme);
  });
}

let current: Theme | null = null;

function chosen(): Theme {
  if (current !== null) return current;
  const stored = storage()?.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

function remember(theme: Theme): void {
  current = theme;
  storage()?.setItem(KEY, theme);
}

/** A browser that keeps nothing for the page throws. */
function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
