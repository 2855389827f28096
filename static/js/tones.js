// The sounds of the shop: four short ones and a chime, generated, none longer than a second.

// [pitch in Hz, start in s, length in s, loudness 0..1]: each differs in pitch and in rhythm.
const SOUNDS = {
  new: [[660, 0, 0.14, 0.8], [880, 0.17, 0.22, 0.8]],
  changed: [[294, 0, 0.12, 0.7], [294, 0.18, 0.12, 0.7]],
  stop: [[784, 0, 0.18, 1], [587, 0.22, 0.18, 1], [392, 0.44, 0.34, 1]],
  late: [[1200, 0, 0.05, 0.35]],
  ready: [[523, 0, 0.3, 0.7], [659, 0.16, 0.3, 0.7], [784, 0.32, 0.5, 0.7]],
};

/** Let a running AudioContext make a sound of that name, at a volume of 0 to 1; nothing for another name. */
export function sound(audio, name, volume) {
  for (const [pitch, start, length, loudness] of SOUNDS[name] ?? []) {
    const from = audio.currentTime + start;
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.type = "triangle";
    tone.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(Math.max(0.001, volume * loudness), from + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + length);
    tone.connect(gain).connect(audio.destination);
    tone.start(from);
    tone.stop(from + length + 0.02);
  }
}
