// Two connections of this page that talk to each other: with them is measured what a browser does to the
// network of a window, before anybody relies on it. It comes before monitor.js, which shall not watch them.
"use strict";

window.probe = (() => {
  const Connection = window.RTCPeerConnection;
  const SIZE = 1000;
  let near, far, there, here;

  const once = (target, type) => new Promise((go) => target.addEventListener(type, go, { once: true }));

  async function describe(connection, description) {
    await connection.setLocalDescription(description);
    while (connection.iceGatheringState !== "complete") await once(connection, "icegatheringstatechange");
    return connection.localDescription;
  }

  return {
    /** Connects the two, anew where they were. */
    async open() {
      near?.close();
      far?.close();
      [near, far] = [new Connection(), new Connection()];
      // As with packets of media, nobody sends again what is lost.
      there = near.createDataChannel("probe", { ordered: false, maxRetransmits: 0 });
      const met = once(far, "datachannel");
      await far.setRemoteDescription(await describe(near));
      await near.setRemoteDescription(await describe(far));
      here = (await met).channel;
      if (there.readyState !== "open") await once(there, "open");
    },
    /** The round trips, in milliseconds, of so many messages that leave so far apart and are answered in time. */
    ping(count, apart, late) {
      return new Promise((done) => {
        const trips = [];
        let sent = 0;
        here.onmessage = ({ data }) => here.send(data);
        there.onmessage = ({ data }) => {
          trips.push(performance.now() - Number(data));
          if (trips.length === count) done(trips);
        };
        const clock = setInterval(() => {
          there.send(String(performance.now()));
          if (++sent < count) return;
          clearInterval(clock);
          setTimeout(() => done(trips), late);
        }, apart);
      });
    },
    /** How many bits a second arrive while more is sent than can, for so many milliseconds; null for too few. */
    fill(longest) {
      return new Promise((done) => {
        const arrived = [];
        const end = performance.now() + longest;
        const more = () => {
          while (performance.now() < end && there.bufferedAmount < 16 * SIZE) there.send(new ArrayBuffer(SIZE));
        };
        here.onmessage = () => arrived.push(performance.now());
        there.bufferedAmountLowThreshold = 8 * SIZE;
        there.onbufferedamountlow = more;
        more();
        setTimeout(() => {
          const took = arrived.at(-1) - arrived[0];
          done(took > 0 ? ((arrived.length - 1) * SIZE * 8000) / took : null);
        }, longest);
      });
    },
  };
})();
