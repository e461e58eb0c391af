// Watches every RTCPeerConnection of the page: its states as they change, its statistics once a second.
// It also knows the WebSockets of the page, which a scenario may break.
// It knows nothing of LiveKit, so it sees the same of a client of any version.
"use strict";

window.monitor = (() => {
  const EVERY = 1000;
  // More than ten minutes that nobody fetched are not kept.
  const MOST = 600;
  const connections = [];
  const samples = [];
  const listeners = [];
  let before = null;
  let measured = 0;

  const tell = (type, detail) => listeners.forEach((it) => it(type, detail));

  function watch(connection) {
    const number = connections.push(connection);
    const states = ["connectionState", "iceConnectionState", "iceGatheringState", "signalingState"];
    for (const state of states) {
      connection.addEventListener(state.toLowerCase() + "change", () =>
        tell("peer", { connection: number, state, value: connection[state] }));
    }
    const failed = new Set();
    connection.addEventListener("icecandidateerror", (it) => {
      // One for each interface and server would bury all else.
      if (failed.has(it.errorText)) return;
      failed.add(it.errorText);
      tell("candidate error", { connection: number, code: it.errorCode, text: it.errorText });
    });
  }

  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...settings) {
      super(...settings);
      watch(this);
    }
  };

  const sockets = new Set();
  window.WebSocket = class extends window.WebSocket {
    constructor(...settings) {
      super(...settings);
      sockets.add(this);
      this.addEventListener("close", (it) => {
        sockets.delete(this);
        tell("signal closed", { code: it.code, reason: it.reason });
      });
    }
  };

  const alive = () => connections.filter((it) => it.connectionState !== "closed");

  const sum = (all, field) => all.reduce((so_far, it) => so_far + (it[field] || 0), 0);

  /** What one report says, in the words of `metrics.ndjson`. */
  function read(report) {
    const all = [...report.values()];
    const of = (type) => all.filter((it) => it.type === type);
    const inbound = of("inbound-rtp"), outbound = of("outbound-rtp");
    const transport = of("transport").find((it) => it.selectedCandidatePairId);
    const pair = transport
      ? report.get(transport.selectedCandidatePairId)
      : of("candidate-pair").find((it) => it.selected || (it.nominated && it.state === "succeeded"));
    const codec = (it) => report.get(it.codecId)?.mimeType;
    const candidate = (id) => {
      const it = id && report.get(id);
      return it ? `${it.candidateType} ${it.protocol || ""}`.trim() : null;
    };
    const streams = [...inbound, ...outbound].map((it) => ({
      direction: it.type === "inbound-rtp" ? "in" : "out",
      kind: it.kind, rid: it.rid, codec: codec(it), track: it.trackIdentifier,
      bytes: it.bytesReceived ?? it.bytesSent, packets: it.packetsReceived ?? it.packetsSent,
      lost: it.packetsLost, jitter: it.jitter,
      frames: it.framesDecoded ?? it.framesSent, width: it.frameWidth, height: it.frameHeight,
      freezes: it.freezeCount, frozen: it.totalFreezesDuration, limited: it.qualityLimitationReason, energy: it.totalAudioEnergy,
    }));
    return {
      rtt: pair?.currentRoundTripTime,
      candidates: pair && [candidate(pair.localCandidateId), candidate(pair.remoteCandidateId)],
      streams,
    };
  }

  /** All that the connections of the page say now. */
  async function look() {
    const reports = await Promise.all(alive().map(async (it) => {
      const report = await it.getStats();
      return {
        state: it.connectionState, ice: it.iceConnectionState, signaling: it.signalingState, ...read(report),
      };
    }));
    return { at: Date.now(), connections: reports };
  }

  /** One sample for all connections together, against the one before. */
  function sample({ at, connections }) {
    const streams = connections.flatMap((it) => it.streams);
    const inbound = streams.filter((it) => it.direction === "in");
    const outbound = streams.filter((it) => it.direction === "out");
    const now = {
      at, in: sum(inbound, "bytes"), out: sum(outbound, "bytes"),
      seen: sum(inbound, "frames"), sent: Math.max(0, ...outbound.map((it) => it.frames || 0)),
    };
    const seconds = before && (at - before.at) / 1000;
    const rate = (field) => (seconds > 0 ? Math.max(0, now[field] - before[field]) / seconds : null);
    const worst = ["failed", "disconnected", "connecting", "new", "connected"];
    const states = connections.map((it) => it.state);
    const state = worst.find((it) => states.includes(it)) ?? (connections.length ? states[0] : "closed");
    const largest = inbound.filter((it) => it.kind === "video").sort((a, b) => (b.width || 0) - (a.width || 0))[0];
    const bits = (field) => (rate(field) === null ? null : rate(field) * 8);
    const rtts = connections.map((it) => it.rtt).filter((it) => it !== undefined);
    const made = {
      at, state,
      rtt_ms: rtts.length ? Math.max(...rtts) * 1000 : null,
      jitter_ms: inbound.length ? Math.max(...inbound.map((it) => it.jitter || 0)) * 1000 : null,
      packets_lost: inbound.length ? sum(inbound, "lost") : null,
      bitrate_in: bits("in"), bitrate_out: bits("out"),
      fps: inbound.some((it) => it.kind === "video") ? rate("seen") : rate("sent"),
      ice: connections.map((it) => it.ice).join(" "),
      signaling: connections.map((it) => it.signaling).join(" "),
      packets_received: inbound.length ? sum(inbound, "packets") : null,
      candidates: connections.map((it) => it.candidates?.join(" – ")).filter(Boolean).join(", "),
      width: largest?.width ?? null, height: largest?.height ?? null,
      freezes: inbound.length ? sum(inbound, "freezes") : null,
      frozen_s: inbound.length ? sum(inbound, "frozen") : null,
      codecs: [...new Set(streams.map((it) => it.codec).filter(Boolean))].sort().join(" "),
      limited: outbound.map((it) => it.limited).find((it) => it && it !== "none") ?? null,
    };
    before = now;
    return made;
  }

  setInterval(async () => {
    if (!alive().length) return;
    samples.push({ number: ++measured, ...sample(await look()) });
    if (samples.length > MOST) samples.shift();
    tell("sample", null);
  }, EVERY);

  return {
    look,
    /** What was received of a track, of all streams that carried it one after the other. */
    async received(track) {
      const receivers = alive().flatMap((it) => it.getReceivers()).filter((it) => it.track.id === track.id);
      const reports = await Promise.all(receivers.map((it) => it.getStats()));
      const streams = reports.flatMap((it) => [...it.values()]).filter((it) => it.type === "inbound-rtp");
      const last = streams.toSorted((a, b) =>
        (a.lastPacketReceivedTimestamp ?? 0) - (b.lastPacketReceivedTimestamp ?? 0)).at(-1);
      return {
        frames: sum(streams, "framesDecoded"), bytes: sum(streams, "bytesReceived"),
        packets: sum(streams, "packetsReceived"), energy: sum(streams, "totalAudioEnergy"),
        width: last?.frameWidth ?? 0, height: last?.frameHeight ?? 0,
      };
    },
    /** What was sent of a track, layer by layer, the smallest first. */
    async sent(track) {
      const senders = alive().flatMap((it) => it.getSenders()).filter((it) => it.track?.id === track.id);
      const reports = await Promise.all(senders.map((it) => it.getStats()));
      const streams = reports.flatMap((it) => [...it.values()]).filter((it) => it.type === "outbound-rtp");
      const layers = streams.map((it) => ({
        bytes: it.bytesSent ?? 0, frames: it.framesSent ?? 0,
        width: it.frameWidth ?? 0, height: it.frameHeight ?? 0,
      }));
      return layers.toSorted((a, b) => a.width - b.width);
    },
    // 1000 would say that the client wanted it.
    break_signal: () => [...sockets].forEach((it) => it.close(4000, "broken")),
    listen: (listener) => listeners.push(listener),
    /** The samples behind this number; those up to it are known, and not kept any more. */
    after(number) {
      while (samples[0]?.number <= number) samples.shift();
      return [...samples];
    },
  };
})();
