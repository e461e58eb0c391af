//! Steps about how good what reached a person was all the time, judged from a sample a second.

use lkreport_contract::quality::{self, Sample};

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
            let frozen = measured(world, &name, |it| it.last()?.frozen_s).await? * 1000.0;
            expect(frozen < most, || format!("the video of `{name}` was frozen for {frozen:.0} ms"))
        },
    );
    for (words, is_least, meaning) in [
        ("less than", false, "Until now, less of the packets of media did not arrive."),
        ("at least", true, "So much of the packets of media did not arrive, or comes to be."),
    ] {
        all.step(
            &format!("{{string}} should have seen {words} {{float}} % loss"),
            meaning,
            doing(move |world, step| Box::pin(async move { lost(world, &step, is_least).await })),
        );
    }
    for (word, judge, meaning) in [
        (
            "audio",
            audio as fn(&[Sample]) -> Option<f64>,
            "Until now, the audio that came was so good",
        ),
        ("video", video, "Until now, the video that came was so good"),
    ] {
        all.step(
            &format!("{{string}} should have received {word} with a score of at least {{float}}"),
            &format!("{meaning}, from 1 to 5, by the formula of the report."),
            doing(move |world, step| Box::pin(async move { scored(world, &step, judge).await })),
        );
    }
}

fn audio(samples: &[Sample]) -> Option<f64> {
    quality::audio(samples).map(|it| it.mos)
}

fn video(samples: &[Sample]) -> Option<f64> {
    quality::video(samples).map(|it| it.mos)
}

async fn scored(world: &World, step: &Context, judge: fn(&[Sample]) -> Option<f64>) -> StepResult {
    let (name, least) = (step.text(0)?, step.argument::<f64>(1)?);
    let score = measured(world, &name, judge).await?;
    step.log(&format!("the score of what {name} received is {score:.2}"));
    expect(score >= least, || format!("the score of what `{name}` received is {score:.2}"))
}

async fn lost(world: &World, step: &Context, is_least: bool) -> StepResult {
    let (name, limit) = (step.text(0)?, step.argument::<f64>(1)?);
    let percent = |it: &[Sample]| Some(quality::share_lost(it)? * 100.0);
    // Chance may spare the first packets, so a share that is still too small is waited for.
    let enough = |it: &[Sample]| percent(it).filter(|it| !is_least || *it >= limit);
    let found = match measured(world, &name, enough).await {
        Err(_) if is_least => measured(world, &name, percent).await?,
        found => found?,
    };
    step.log(&format!("{found:.2} % of the packets for {name} were lost"));
    expect((found >= limit) == is_least, || {
        format!("{found:.2} % of the packets for `{name}` were lost")
    })
}

/// What samples say of a person's connections, as soon as there are enough of them.
async fn measured<T>(
    world: &World,
    name: &str,
    judge: impl Fn(&[Sample]) -> Option<T>,
) -> Result<T, StepError> {
    super::until(world, name, |_| {
        let samples = world.person(name)?.samples();
        let samples = samples.iter().filter_map(|it| Some(Sample::of(it.t, it.webrtc.as_ref()?)));
        let samples: Vec<Sample> = samples.collect();
        let few = || StepError::assertion(format!("of `{name}`, too little was measured"));
        judge(&samples).filter(|_| samples.len() >= SAMPLES).ok_or_else(few)
    })
    .await
}

/// The median of the frames in a second, from the second second with video on: the first is cut off.
fn usual_fps(samples: &[Sample]) -> Option<f64> {
    let with_video = samples.iter().filter(|it| it.pixels.is_some());
    let fps: Vec<f64> = with_video.filter_map(|it| it.fps).skip(1).collect();
    quality::median(fps.iter().copied()).filter(|_| fps.len() >= SAMPLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_rate_is_that_of_half_of_the_seconds() {
        let second = |fps| Sample { fps: Some(fps), pixels: Some(57_600.0), ..Sample::default() };
        let samples = [3.0, 24.0, 25.0, 2.0, 25.0].map(second);
        assert_eq!(usual_fps(&samples), Some(24.5));
        assert_eq!(usual_fps(&samples[..3]), None);
    }
}
