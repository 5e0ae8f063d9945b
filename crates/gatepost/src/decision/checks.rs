//! Checks being made, one behind the other.

use super::end::Halt;
use super::question::Question;
use super::tally::Tally;
use super::{Asker, Check, Run, Watch};
use crate::code::Code;
use crate::world::Worlds;

impl<'a, W: Watch> Run<'a, '_, W> {
    /// Makes checks that stand one behind the other, of each of which it is told where it passes.
    ///
    /// Most requests pass all of them, and that they do is one comparison; else the first that does not is found.
    #[inline(always)]
    pub(super) fn checks<const N: usize>(
        &mut self,
        asker: Asker<'a>,
        checks: &'static [(Check, Code); N],
        passes: [Worlds; N],
    ) -> Result<(), Halt> {
        let all = passes.iter().fold(Worlds::ALL, |all, one| all.and(*one));
        if self.tally.worlds.and(all) == self.tally.worlds {
            self.tally.passing = self.tally.passing.and(all);
            for (at, (check, _)) in checks.iter().enumerate() {
                if is_last_of(checks, at) {
                    self.watch.passed(asker.whose, *check);
                }
            }
            return Ok(());
        }
        // Of what is known in full, the first that does not pass is the answer: a flood of denials costs no more.
        let fails = |one: &Worlds| self.tally.worlds.and(*one) != self.tally.worlds;
        let at = passes.iter().position(fails).unwrap_or(N);
        if let (Some((check, code)), Some(passes)) = (checks.get(at), passes.get(at))
            && self.tally.worlds.and(*passes).is_empty()
            && !self.watch.lets_pass(*code)
        {
            for (at, (check, _)) in checks.iter().enumerate().take(at) {
                if is_last_of(checks, at) {
                    self.watch.passed(asker.whose, *check);
                }
            }
            return Err(Halt::Deny(asker.whose, *check, *code));
        }
        let end;
        (self.tally, end) = Self::in_order(
            self.question,
            asker,
            checks,
            &passes,
            self.tally,
            self.watch,
        );
        end
    }

    /// The same where it depends on what is to be read.
    #[cold]
    fn in_order(
        question: Question<'a, '_>,
        asker: Asker<'a>,
        checks: &'static [(Check, Code)],
        passes: &[Worlds],
        tally: Tally,
        watch: &mut W,
    ) -> (Tally, Result<(), Halt>) {
        let mut run = Run {
            question,
            watch,
            tally,
        };
        for (at, ((check, code), passes)) in checks.iter().zip(passes).enumerate() {
            if let Err(halt) = run.check(asker, *check, *code, *passes) {
                return (run.tally, Err(halt));
            }
            if is_last_of(checks, at) {
                run.watch.passed(asker.whose, *check);
            }
        }
        (run.tally, Ok(()))
    }

    /// Passes, denies, or asks for what the outcome depends on.
    #[inline(always)]
    fn check(
        &mut self,
        asker: Asker<'a>,
        check: Check,
        code: Code,
        passes: Worlds,
    ) -> Result<(), Halt> {
        let Tally {
            worlds, passing, ..
        } = self.tally;
        self.tally.passing = passing.and(passes);
        let left = worlds.and(passes);
        if left != worlds && !self.watch.lets_pass(code) {
            let denial = Halt::Deny(asker.whose, check, code);
            if left.is_empty() {
                return Err(denial);
            }
            self.tally.worlds = self.question.settle(worlds, passes, denial, self.watch)?;
        }
        Ok(())
    }
}

/// Whether the next one has another number: one check may ask two questions.
#[inline(always)]
fn is_last_of(checks: &[(Check, Code)], at: usize) -> bool {
    let check = |at: usize| checks.get(at).map(|(check, _)| *check);
    check(at) != check(at + 1)
}
