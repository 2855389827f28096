// A bar of the past stands still: ages of then, and cards with room for all their lines.

import "./clock.js";
import { fitCards } from "./fit_cards.js";

const fit = () => fitCards([...document.querySelectorAll("[data-slot=queue] > [id]")]);

addEventListener("resize", fit);
fit();
