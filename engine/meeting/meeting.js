// One person in a room: what can be done, what happened, what there is. Steps use it as `window.meeting`,
// the controls of the page use the same.
"use strict";

window.meeting = (() => {
  const { Room, RoomEvent, Track, DisconnectReason } = window.LivekitClient;
  const SOURCES = ["camera", "microphone", "screen_share", "screen_share_audio"];
  // How often statistics are read while somebody waits for what they say.
  const TICK = 200;

  const events = [];
  const listeners = [];
  let changes = 0;
  let waiting = [];
  // What broke that nobody wanted to end, and who waits for the next of it.
  const breaks = [];
  let watching = [];
  let room = null;
  let state = { status: "new", reason: null };
  let settings = { simulcast: true, dynacast: true, adaptiveStream: false, camera: true, microphone: true };

  function changed() {
    changes += 1;
    const woken = waiting;
    waiting = [];
    woken.forEach((it) => it());
    listeners.forEach((it) => it());
  }

  function note(type, detail) {
    events.push({ at: Date.now(), type, ...detail });
    const broke = broken(type, detail);
    if (broke) {
      breaks.push({ at: Date.now(), what: broke });
      watching.splice(0).forEach((it) => it());
    }
    changed();
  }

  /** What is gone by this that should still be there, in words. */
  function broken(type, detail) {
    if (!["connected", "reconnecting"].includes(state.status)) return null;
    if (type === "signal closed" && detail.code !== 1000) return `the signal connection closed with ${detail.code}`;
    const is_gone = detail?.state === "connectionState" && ["disconnected", "failed"].includes(detail.value);
    if (type === "peer" && is_gone) return `peer connection ${detail.connection} is ${detail.value}`;
    return type === "connection" && detail.status === "reconnecting" ? "the client makes a new session" : null;
  }

  const text = (error) => String(error && error.message ? error.message : error);

  function enter(status, reason = null) {
    state = { status, reason };
    note("connection", { status, reason });
  }

  const about = (publication, participant) => ({
    source: publication.source, kind: publication.kind, sid: publication.trackSid, from: participant.identity,
  });

  function observe(room) {
    const on = (name, listener) => RoomEvent[name] && room.on(RoomEvent[name], listener);
    const track = (name, type) => on(name, (a, b, c) => {
      // Events of subscriptions carry the track first.
      const [publication, participant] = c ? [b, c] : [a, b];
      note(type, about(publication, participant));
    });
    on("Reconnecting", () => enter("reconnecting"));
    on("SignalReconnecting", () => note("signal reconnecting"));
    on("Reconnected", () => enter("connected", "reconnected"));
    on("Disconnected", (reason) => {
      // A client that gave up says so once more for the room that it has left already.
      if (state.status !== "refused") enter("disconnected", DisconnectReason?.[reason] ?? null);
    });
    on("ParticipantConnected", (it) => note("joined", { from: it.identity }));
    on("ParticipantDisconnected", (it) => note("left", { from: it.identity }));
    track("LocalTrackPublished", "published");
    track("LocalTrackUnpublished", "unpublished");
    track("TrackPublished", "appeared");
    track("TrackUnpublished", "disappeared");
    track("TrackSubscribed", "subscribed");
    track("TrackUnsubscribed", "unsubscribed");
    track("TrackMuted", "muted");
    track("TrackUnmuted", "unmuted");
    on("TrackSubscriptionFailed", (sid, from, reason) =>
      note("subscription failed", { sid, from: from.identity, reason: text(reason) }));
    on("TrackStreamStateChanged", (publication, value, participant) =>
      note("stream", { ...about(publication, participant), value }));
    on("TrackSubscribed", (_, publication) => ask(publication));
    on("ParticipantPermissionsChanged", (_, it) => note("permissions", { from: it.identity }));
    on("RoomMetadataChanged", (value) => note("room metadata", { value }));
    on("ParticipantMetadataChanged", (_, it) => note("metadata", { from: it.identity, value: it.metadata || "" }));
    on("ConnectionQualityChanged", (value, it) => note("quality", { from: it.identity, value }));
    on("MediaDevicesError", (it) => note("device failed", { reason: text(it) }));
    on("DataReceived", (bytes, from, kind, topic) => note("data", {
      from: from?.identity ?? null, topic: topic ?? null, reliable: kind === 0, size: bytes.length,
      text: new TextDecoder().decode(bytes),
    }));
  }

  const may = (source) => {
    const it = room.localParticipant.permissions;
    if (!it) return true;
    // The numbers are those of TrackSource in the protocol.
    const number = { camera: 1, microphone: 2, screen_share: 3 }[source];
    return it.canPublish && (!it.canPublishSources?.length || it.canPublishSources.includes(number));
  };

  /** Publishes what the settings ask for, as far as the token grants it. */
  async function publish() {
    for (const [source, action] of [["camera", camera], ["microphone", microphone]]) {
      if (settings[source] && may(source)) await action(true).catch(() => {});
    }
  }

  /** Joins a room; camera and microphone follow by themselves. */
  async function join(url, token, more = {}) {
    settings = { ...settings, ...more };
    if (settings.log) window.LivekitClient.setLogLevel(settings.log);
    const { simulcast, dynacast, adaptiveStream, resolution } = settings;
    const capture = resolution ? { videoCaptureDefaults: { resolution } } : {};
    room = new Room({ adaptiveStream, dynacast, publishDefaults: { simulcast }, ...capture });
    observe(room);
    enter("connecting");
    try {
      await room.connect(url, token);
    } catch (error) {
      enter("refused", text(error));
      throw error;
    }
    enter("connected");
    publish();
  }

  const leave = () => room?.disconnect();

  /** Does something with a source, and notes where it fails. */
  async function change(source, action) {
    try {
      await action(room.localParticipant);
    } catch (error) {
      note("failed", { source, reason: text(error) });
      throw error;
    }
    changed();
  }

  const camera = (on) => change("camera", (it) => it.setCameraEnabled(on));
  const microphone = (on) => change("microphone", (it) => it.setMicrophoneEnabled(on));
  const screen = (on, size) =>
    change("screen_share", (it) => it.setScreenShareEnabled(on, size && { resolution: size }));

  async function send(message, { reliable = true, to = [] } = {}) {
    const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
    await change("data", (it) => it.publishData(bytes, { reliable, destinationIdentities: to }));
    note("sent", { reliable, to, size: bytes.length });
  }

  /** Sends messages that say which and when they are. */
  async function send_stamped(first, count) {
    for (let number = first; number < first + count; number += 1) {
      await send(JSON.stringify({ number, sent: new Date().toISOString() }));
    }
  }

  // Older clients call it `tracks`.
  const publications = (it) => [...(it.trackPublications ?? it.tracks).values()];
  const others = () => [...(room?.remoteParticipants ?? room?.participants ?? new Map()).values()];

  // What the server knows of the layers of a video, the smallest first.
  const layers = (it) => (it.trackInfo?.layers ?? []).map(({ width, height, bitrate }) => ({ width, height, bitrate }))
    .toSorted((a, b) => a.width - b.width);
  const about_track = (it) => ({
    source: it.source, kind: it.kind, sid: it.trackSid, muted: it.isMuted, layers: layers(it),
  });

  async function published(it) {
    const track = it.track?.mediaStreamTrack;
    return { ...about_track(it), sent: track ? await monitor.sent(track) : [] };
  }

  async function received(it) {
    const made = { ...about_track(it), subscribed: it.isSubscribed, stream: it.track?.streamState ?? null };
    return it.track ? { ...made, ...await monitor.received(it.track.mediaStreamTrack) } : made;
  }

  const videos = (identity) => others().filter((it) => !identity || it.identity === identity)
    .flatMap(publications).filter((it) => it.kind === "video");

  /** Asks the server for a quality of all video, also of that which comes later. */
  function prefer(word) {
    settings.prefer = word;
    videos().filter((it) => it.isSubscribed).forEach(ask);
    note("prefers", { quality: word });
  }

  function ask(it) {
    if (it.kind === "video" && settings.prefer) {
      it.setVideoQuality(window.LivekitClient.VideoQuality[settings.prefer.toUpperCase()]);
    }
  }

  /** Receives the video of somebody, or does no more. */
  function subscribe(identity, on) {
    const found = videos(identity);
    if (!found.length) throw new Error(`${identity} publishes no video`);
    found.forEach((it) => it.setSubscribed(on));
  }

  /** What there is now, and the events from this number on. */
  async function look(from = 0) {
    const change = changes;
    const member = async (it) => ({
      identity: it.identity, metadata: it.metadata || "",
      tracks: await Promise.all(publications(it).map(received)),
    });
    const me = room?.localParticipant;
    return {
      ...state, change, at: performance.now(), events: events.slice(from),
      room: room?.name ?? "", identity: me?.identity ?? "", metadata: room?.metadata || "",
      own_metadata: me?.metadata || "", may_send: me?.permissions?.canPublishData ?? true,
      tracks: me ? await Promise.all(publications(me).map(published)) : [],
      others: await Promise.all(others().map(member)),
      dynacast: Boolean(room?.options?.dynacast),
      shown: window.page ? window.page.shown() : null,
    };
  }

  /** As `look`, as soon as something changed since then, or statistics moved on. */
  async function next(from, change, limit) {
    if (changes === change) {
      await new Promise((done) => {
        waiting.push(done);
        setTimeout(done, Math.min(limit, TICK));
      });
    }
    return look(from);
  }

  /** What was measured behind this number, and what broke behind those that are known; at once when more does. */
  async function watch(number, known, limit) {
    if (limit && breaks.length <= known) {
      await new Promise((done) => {
        watching.push(done);
        setTimeout(done, limit);
      });
    }
    return { samples: monitor.after(number), breaks: breaks.slice(known) };
  }

  monitor.listen((type, detail) => type === "sample" ? changed() : note(type, detail));
  window.addEventListener("error", (it) => note("error", { reason: text(it.error ?? it.message) }));
  window.addEventListener("unhandledrejection", (it) => note("error", { reason: text(it.reason) }));

  return {
    join, leave, camera, microphone, screen, send, send_stamped, look, next, note,
    set: (more) => { settings = { ...settings, ...more }; },
    watch, prefer, subscribe,
    break_signal: () => monitor.break_signal(),
    listen: (listener) => listeners.push(listener),
    get room() { return room; },
    get state() { return state; },
    events, others, publications, SOURCES,
  };
})();
