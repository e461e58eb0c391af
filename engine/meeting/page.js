// What a person sees and presses: the form, tiles, controls and messages over `window.meeting`.
"use strict";

window.page = (() => {
  const at = (id) => document.getElementById(id);
  const WORDS = {
    new: "", connecting: "Connecting …", connected: "Connected", reconnecting: "Reconnecting …",
    disconnected: "Disconnected", refused: "Refused",
  };
  let shown_events = 0;

  function make(tag, content, settings = {}) {
    const element = Object.assign(document.createElement(tag), settings);
    element.append(...content);
    return element;
  }

  /** The tile of a participant's camera or screen. */
  function tile(id, name) {
    const found = at(id);
    if (found) return found;
    const made = make("figure", [make("figcaption", [name])], { id, className: "tile" });
    at("tiles").append(made);
    return made;
  }

  function show(participant, is_own) {
    const ids = [];
    for (const it of meeting.publications(participant)) {
      const is_screen = it.source.startsWith("screen_share");
      const id = `tile-${participant.identity}-${is_screen ? "screen" : "camera"}`;
      const name = participant.name || participant.identity;
      const figure = tile(id, is_screen ? `${name} – screen` : name);
      ids.push(id);
      const track = it.track;
      if (!track || (is_own && it.kind === "audio")) continue;
      const there = figure.querySelector(it.kind);
      if (there?.dataset.sid === it.trackSid && !it.isMuted) continue;
      there?.remove();
      if (it.isMuted && it.kind === "video") continue;
      const element = track.attach();
      element.dataset.sid = it.trackSid;
      if (!is_own && it.kind === "video") {
        const about = { from: participant.identity, source: it.source };
        element.addEventListener("loadeddata", () => meeting.note("first frame", about), { once: true });
      }
      figure.prepend(element);
    }
    if (!ids.length) {
      const id = `tile-${participant.identity}-camera`;
      tile(id, participant.name || participant.identity).querySelectorAll("video, audio").forEach((it) => it.remove());
      ids.push(id);
    }
    return ids;
  }

  function messages() {
    for (const it of meeting.events.slice(shown_events)) {
      if (it.type !== "data") continue;
      const short = it.text.length > 500 ? `${it.text.slice(0, 500)} … (${it.size} bytes)` : it.text;
      at("messages").append(make("li", [make("b", [it.from ?? "server"]), short]));
    }
    shown_events = meeting.events.length;
  }

  function update() {
    const { room, state } = meeting;
    const is_in = ["connected", "reconnecting"].includes(state.status);
    at("form-view").hidden = is_in;
    at("room-view").hidden = !is_in;
    at("status").textContent = WORDS[state.status];
    const said = ["disconnected", "refused"].includes(state.status);
    const reason = state.reason ? `: ${state.reason.toLowerCase().replaceAll("_", " ")}` : "";
    at("ended").textContent = said ? `${WORDS[state.status]}${reason}` : "";
    document.title = is_in && room.name ? `${room.name} – Meeting` : "Meeting";
    messages();
    if (!is_in) return at("tiles").replaceChildren();
    at("room-name").textContent = room.name;
    const me = room.localParticipant;
    const wanted = [...show(me, true), ...meeting.others().flatMap((it) => show(it, false))];
    [...at("tiles").children].filter((it) => !wanted.includes(it.id)).forEach((it) => it.remove());
    at("camera").setAttribute("aria-pressed", me.isCameraEnabled);
    at("microphone").setAttribute("aria-pressed", me.isMicrophoneEnabled);
    at("screen").setAttribute("aria-pressed", me.isScreenShareEnabled);
  }

  /** Devices have names only after the first of their kind was used. */
  async function devices() {
    const all = await navigator.mediaDevices.enumerateDevices();
    for (const [kind, id] of [["videoinput", "cameras"], ["audioinput", "microphones"]]) {
      const found = all.filter((it) => it.kind === kind);
      at(id).replaceChildren(...found.map((it) => make("option", [it.label || it.deviceId || kind], { value: it.deviceId })));
    }
  }

  const toggle = (action, is_on) => action(!is_on).catch(() => {});
  const press = {
    camera: () => toggle(meeting.camera, meeting.room.localParticipant.isCameraEnabled),
    microphone: () => toggle(meeting.microphone, meeting.room.localParticipant.isMicrophoneEnabled),
    screen: () => toggle(meeting.screen, meeting.room.localParticipant.isScreenShareEnabled),
    leave: () => meeting.leave(),
  };
  const KEYS = { m: "microphone", v: "camera", s: "screen", l: "leave" };

  for (const id of Object.keys(press)) at(id).addEventListener("click", press[id]);
  document.addEventListener("keydown", (it) => {
    const is_typing = /^(INPUT|TEXTAREA|SELECT)$/.test(it.target.tagName);
    if (is_typing || at("room-view").hidden || it.ctrlKey || it.metaKey || it.altKey) return;
    press[KEYS[it.key.toLowerCase()]]?.();
  });
  for (const [id, kind] of [["cameras", "videoinput"], ["microphones", "audioinput"]]) {
    at(id).addEventListener("change", (it) => meeting.room.switchActiveDevice(kind, it.target.value));
  }
  at("form").addEventListener("submit", (it) => {
    it.preventDefault();
    meeting.set({ camera: at("with-camera").checked, microphone: at("with-microphone").checked });
    meeting.join(at("url").value, at("token").value.trim()).catch(() => {});
  });
  at("send").addEventListener("submit", (it) => {
    it.preventDefault();
    const message = at("message").value;
    if (!message) return;
    at("messages").append(make("li", [make("b", ["you"]), message]));
    at("message").value = "";
    meeting.send(message).catch(() => {});
  });
  navigator.mediaDevices?.addEventListener("devicechange", devices);
  meeting.listen(update);
  meeting.listen(() => {
    const newest = meeting.events.at(-1);
    if (newest?.type === "published") devices();
  });
  // A link may bring the server and the token, behind the mark that browsers never send.
  const link = new URLSearchParams(location.hash.slice(1));
  at("url").value = link.get("url") ?? "";
  at("token").value = link.get("token") ?? "";
  history.replaceState(null, "", location.pathname);
  at("version").textContent = window.LivekitClient.version ?? "";
  update();

  const visible = (it) => !it.closest("[hidden]");
  return {
    /** What the page shows: the form or the room, its name, and what it says of the connection. */
    shown: () => ({
      form: visible(at("form")),
      room: visible(at("room-name")) ? at("room-name").textContent : null,
      said: visible(at("form")) ? at("ended").textContent : at("status").textContent,
      camera: at("camera").getAttribute("aria-pressed") === "true",
      microphone: at("microphone").getAttribute("aria-pressed") === "true",
      screen: at("screen").getAttribute("aria-pressed") === "true",
    }),
    press: (id) => at(id).click(),
  };
})();
