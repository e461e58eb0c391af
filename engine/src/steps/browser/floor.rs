//! Steps about how good what reached a person was all the time, judged from a sample a second.

use lkreport_contract::metrics::{Sample, Webrtc};

use super::Vocabulary;
use crate::{
    context::Context,
    error::{StepError, StepResult},
    steps::doing,
    world::{World, expect},
};

/// As many samples with video or more say how many frames usually come.
const SAMPLES: usize = 3;

pub(super) fn add(all: &mut Vocabulary) {
    all.about("simulcast, dynacast, quality");
    all.step(
        "{string} should have received at least {int} fps",
        "Until now, in half of the seconds with video or more, that many frames were decoded.",
        async |world: &mut World, step: Context| {
            let (name, least) = (step.text(0)?, step.argument::<f64>(1)?);
            let fps = measured(world, &name, usual_fps).await?;
            step.log(&format!("{name} usually received {fps:.1} frames in a second"));
            expect(fps >= least, || {
                format!("`{name}` usually received {fps:.1} frames in a second")
            })
        },
    )
    .step(
        "{string} should have been frozen for less than {int} ms",
        "Until now, the video that came stood still for less than this, as the browser counts it.",
        async |world: &mut World, step: Context| {
            let (name, most) = (step.text(0)?, step.argument::<f64>(1)?);
            let frozen = measured(world, &name, |it| Some(it.last()?.frozen_s? * 1000.0)).await?;
            expect(frozen < most, || format!("the video of `{name}` was frozen for {frozen:.0} ms"))
        },
    );
    for (words, is_least, meaning) in [
        ("less than", false, "Until now, less of the packets of media did not arrive."),
        ("at least", true, "Until now, so much of the packets of media did not arrive, or more."),
    ] {
        all.step(
            &format!("{{string}} should have seen {words} {{float}} % loss"),
            meaning,
            doing(move |world, step| Box::pin(async move { lost(world, &step, is_least).await })),
        );
    }
}

async fn lost(world: &World, step: &Context, is_least: bool) -> StepResult {
    let (name, limit) = (step.text(0)?, step.argument::<f64>(1)?);
    let percent = measured(world, &name, loss).await?;
    step.log(&format!("{percent:.2} % of the packets for {name} were lost"));
    expect((percent >= limit) == is_least, || {
        format!("{percent:.2} % of the packets for `{name}` were lost")
    })
}

/// What samples say of a person's connections, as soon as there are enough of them.
async fn measured<T>(
    world: &World,
    name: &str,
    judge: impl Fn(&[Webrtc]) -> Option<T>,
) -> Result<T, StepError> {
    super::until(world, name, |_| {
        let samples = world.person(name)?.samples();
        let samples: Vec<Webrtc> = samples.into_iter().filter_map(webrtc).collect();
        let few = || StepError::assertion(format!("of `{name}`, too little was measured"));
        judge(&samples).filter(|_| samples.len() >= SAMPLES).ok_or_else(few)
    })
    .await
}

fn webrtc(it: Sample) -> Option<Webrtc> {
    it.webrtc
}

/// The median of the frames in a second, from the second second with video on: the first is cut off.
fn usual_fps(samples: &[Webrtc]) -> Option<f64> {
    let with_video = samples.iter().filter(|it| it.width.is_some());
    let mut fps: Vec<f64> = with_video.filter_map(|it| it.fps).skip(1).collect();
    if fps.len() < SAMPLES {
        return None;
    }
    fps.sort_unstable_by(f64::total_cmp);
    Some(fps[fps.len() / 2])
}

/// The share of packets that did not arrive, in percent.
fn loss(samples: &[Webrtc]) -> Option<f64> {
    let last = samples.iter().rev().find(|it| it.packets_received.is_some_and(|it| it > 0))?;
    #[expect(clippy::cast_precision_loss, reason = "no page receives so many packets")]
    let (lost, received) = (last.packets_lost?.max(0) as f64, last.packets_received? as f64);
    Some(lost * 100.0 / (lost + received))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(fps: f64, received: u64, lost: i64) -> Webrtc {
        Webrtc {
            fps: Some(fps),
            width: Some(640),
            packets_received: Some(received),
            packets_lost: Some(lost),
            ..Webrtc::default()
        }
    }

    #[test]
    fn the_usual_rate_is_that_of_half_of_the_seconds() {
        let samples = [3.0, 24.0, 25.0, 2.0, 25.0].map(|fps| second(fps, 1, 0));
        assert_eq!(usual_fps(&samples), Some(25.0));
        assert_eq!(usual_fps(&samples[..3]), None);
    }

    #[test]
    fn loss_is_a_share_of_all_that_was_sent() {
        let samples = [second(25.0, 50, 50), second(25.0, 950, 50), Webrtc::default()];
        assert_eq!(loss(&samples), Some(5.0));
        assert_eq!(loss(&[second(25.0, 10, -3)]), Some(0.0));
        assert_eq!(loss(&[Webrtc::default()]), None);
    }
}
