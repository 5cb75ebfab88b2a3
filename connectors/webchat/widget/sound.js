// Two soft tones when something is said to a visitor who looks elsewhere.

let audio;

/** Browsers let a page sound only after somebody touched it. */
export function unlock() {
  if (audio || !window.AudioContext) return;
  audio = new AudioContext();
}

export function ring() {
  if (audio?.state !== "running") return;
  [660, 880].forEach((pitch, number) => {
    const begins = audio.currentTime + number * 0.12;
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    tone.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, begins);
    loud.gain.exponentialRampToValueAtTime(0.08, begins + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.0001, begins + 0.3);
    tone.connect(loud).connect(audio.destination);
    tone.start(begins);
    tone.stop(begins + 0.32);
  });
}
