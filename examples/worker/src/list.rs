//! What waits, and why.

use chats::{Error, QueueArgs, Runs};

use crate::agent::STEPS;

/// Prints the runs that have not ended.
pub(crate) async fn print(args: &QueueArgs) -> Result<(), Error> {
    let (ended, waiting): (Vec<_>, Vec<_>) = {
        let all = Runs::open_to_work(&args.queue).await?.list().await?;
        all.into_iter().partition(|run| run.state == "done")
    };
    for run in &waiting {
        println!(
            "{}  {:<12} {:<18} {}/{}  {:<8} {}",
            run.id,
            run.org,
            run.agent,
            run.step,
            STEPS.len(),
            run.state,
            run.code.as_deref().unwrap_or_default(),
        );
    }
    println!("{} wait, {} done", waiting.len(), ended.len());
    Ok(())
}
