import * as chat from "./chat.js";
import * as completion from "./completion.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import * as sampling from "./sampling.js";
import * as tabs from "./tabs.js";

let known = false;

keys.start();
tabs.start();
sampling.start();
chat.start();
completion.start();
live.start({
  told(sample) {
    if (known) return;
    known = true;
    document.getElementById("model").textContent = sample.model;
    document.getElementById("hardware").textContent = sample.devices[0]?.hardware ?? "";
    document.title = `${sample.model} \u00b7 Splitwiser`;
    if (sample.chat_problem !== null) {
      chat.refuse(sample.chat_problem);
      tabs.choose("tab-completion");
    }
  },
});
