//! Reading a matrix from the text that it was written as.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::{ALL, HEADING, ORG_ROLES, SITE_ROLES};
use crate::grant::Grant;
use crate::matrix::axis::{NO_ORG, ORG_STATES};
use crate::matrix::{By, Label, MAX_CELLS, Matrix, MatrixCell, PUBLIC, Row, Strip};

/// A text that is no matrix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatrixTextError {
    line: usize,
    why: String,
}

impl fmt::Display for MatrixTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, why } = self;
        write!(f, "the file is no matrix: line {line}: {why}")
    }
}

impl std::error::Error for MatrixTextError {}

type Read<T> = Result<T, String>;

impl Matrix {
    /// Reads a matrix from the text that [`to_text`](Self::to_text) writes.
    ///
    /// Empty lines, and those that begin with `#`, say nothing.
    ///
    /// # Errors
    ///
    /// [`MatrixTextError`], which names the line.
    pub fn from_text(text: &str) -> Result<Self, MatrixTextError> {
        let mut reader = Reader::default();
        let mut last = 0;
        for (at, line) in text.lines().enumerate() {
            last = at + 1;
            let read = match line.trim_end() {
                "" => Ok(()),
                line if line.starts_with('#') => Ok(()),
                line => reader.line(line),
            };
            read.map_err(|why| MatrixTextError { line: last, why })?;
        }
        let end = |why| MatrixTextError {
            line: last.max(1),
            why,
        };
        reader.finish().map_err(end)
    }
}

#[derive(Default)]
struct Reader {
    by: Option<By>,
    whos: Axis,
    places: Axis,
    columns: Axis,
    rows: Vec<Row>,
    /// Which strips the last row has.
    met: HashSet<(usize, usize)>,
    cells: usize,
}

/// Labels, and where each is.
#[derive(Default)]
struct Axis {
    labels: Vec<Label>,
    at: HashMap<Label, usize>,
    /// Whether there are no others.
    is_closed: bool,
}

impl Axis {
    fn closed(labels: Vec<Label>) -> Read<Self> {
        let mut axis = Self::default();
        for label in labels {
            if axis.at.contains_key(&label) {
                return Err(format!("`{label}` stands here twice"));
            }
            axis.find(&label)?;
        }
        axis.is_closed = true;
        Ok(axis)
    }

    fn find(&mut self, label: &Label) -> Read<usize> {
        if let Some(at) = self.at.get(label) {
            return Ok(*at);
        }
        if self.is_closed {
            return Err(format!("`{label}` is not one of those above"));
        }
        let at = self.labels.len();
        self.labels.push(label.clone());
        self.at.insert(label.clone(), at);
        Ok(at)
    }

    fn all(&self) -> Read<Vec<usize>> {
        if self.is_closed {
            Ok((0..self.labels.len()).collect())
        } else {
            Err("has a `*` where names are expected".to_owned())
        }
    }

    fn find_all(&mut self, labels: &[Label]) -> Read<Vec<usize>> {
        labels.iter().map(|label| self.find(label)).collect()
    }
}

impl Reader {
    fn line(&mut self, line: &str) -> Read<()> {
        let Some(by) = self.by else {
            let by = line.strip_prefix(HEADING).map(str::trim);
            self.by = match by {
                Some("roles") => Some(By::Roles),
                Some("subjects") => Some(By::Subjects),
                _ => {
                    return Err(format!(
                        "does not begin with `{HEADING} roles` or `subjects`"
                    ));
                }
            };
            if by == Some("subjects") {
                self.columns = Axis::closed(vec![Label::named("")])?;
            }
            return Ok(());
        };
        if by == By::Roles && self.rows.is_empty() {
            if let Some(labels) = line.strip_prefix(SITE_ROLES) {
                self.whos = Axis::closed(Words(labels).labels_to_the_end()?)?;
                return Ok(());
            }
            if let Some(labels) = line.strip_prefix(ORG_ROLES) {
                self.columns = Axis::closed(Words(labels).labels_to_the_end()?)?;
                let states = ORG_STATES.iter().map(|state| Label::named(*state));
                self.places = Axis::closed(states.chain([NO_ORG]).collect())?;
                return Ok(());
            }
        }
        if by == By::Roles && !(self.whos.is_closed && self.columns.is_closed) {
            return Err(format!("stands before `{SITE_ROLES}` or `{ORG_ROLES}`"));
        }
        if line.starts_with(char::is_whitespace) {
            self.strips(Words(line))
        } else {
            self.end_row()?;
            self.rows.push(heading(Words(line))?);
            Ok(())
        }
    }

    fn strips(&mut self, mut words: Words<'_>) -> Read<()> {
        let whos = match words.labels()? {
            None => self.whos.all()?,
            Some(labels) => self.whos.find_all(&labels)?,
        };
        words.expect('|')?;
        let places = match words.labels()? {
            None => {
                let all = self.places.all()?.into_iter();
                let mut places: Vec<_> = all.take(ORG_STATES.len()).collect();
                if words.is_before(',') {
                    words.expect(',')?;
                    let labels = words.labels()?.ok_or("has a `*` twice")?;
                    places.extend(self.places.find_all(&labels)?);
                }
                places
            }
            Some(labels) => self.places.find_all(&labels)?,
        };
        words.expect('|')?;
        let cells = self.cells(&mut words)?;
        let Some(row) = self.rows.last_mut() else {
            return Err("stands below no route".to_owned());
        };
        if row.asks == PUBLIC {
            return Err("stands below a public route".to_owned());
        }
        for who in whos {
            for place in &places {
                if !self.met.insert((who, *place)) {
                    return Err("says again what stands above".to_owned());
                }
                self.cells += cells.len();
                if self.cells > MAX_CELLS {
                    return Err(format!("has more than {MAX_CELLS} cells"));
                }
                row.strips.push(Strip {
                    who,
                    place: *place,
                    cells: cells.clone(),
                });
            }
        }
        Ok(())
    }

    /// `allow`, or `allow: guest, developer; not_a_member: (non-member)`.
    fn cells(&mut self, words: &mut Words<'_>) -> Read<Vec<MatrixCell>> {
        let mut cells = vec![None; self.columns.labels.len()];
        loop {
            let cell = words.outcome()?;
            if words.is_at_end() && cells.iter().all(Option::is_none) {
                return Ok(vec![cell; cells.len()]);
            }
            words.expect(':')?;
            let labels = words.labels()?.ok_or("has a `*` for an org role")?;
            for at in self.columns.find_all(&labels)? {
                match cells.get_mut(at) {
                    Some(free @ None) => *free = Some(cell),
                    _ => return Err("has two outcomes for one org role".to_owned()),
                }
            }
            if words.is_at_end() {
                let cells: Option<Vec<_>> = cells.into_iter().collect();
                return cells.ok_or_else(|| "has no outcome for some org role".to_owned());
            }
            words.expect(';')?;
        }
    }

    /// By roles, everybody is answered in every state, or once where there is no org, or both.
    fn end_row(&mut self) -> Read<()> {
        let met = std::mem::take(&mut self.met);
        let Some(row) = self.rows.last_mut() else {
            return Ok(());
        };
        row.strips.sort_by_key(|strip| (strip.who, strip.place));
        if self.by != Some(By::Roles) || row.asks == PUBLIC {
            return Ok(());
        }
        let (whos, no_org) = (self.whos.labels.len(), ORG_STATES.len());
        let nowhere = met.iter().filter(|(_, place)| *place == no_org).count();
        let in_orgs = met.len() - nowhere;
        let is_whole =
            [(whos * no_org, 0), (0, whos), (whos * no_org, whos)].contains(&(in_orgs, nowhere));
        if is_whole {
            return Ok(());
        }
        Err(format!(
            "`{}`, above, is not answered for everybody",
            row.heading()
        ))
    }

    fn finish(mut self) -> Read<Matrix> {
        self.end_row()?;
        let by = self.by.ok_or("is empty")?;
        let mut rows = self.rows;
        rows.sort_by(|one, other| one.key().cmp(&other.key()));
        let twice = rows.windows(2).find_map(|pair| match pair {
            [one, other] if one.key() == other.key() => Some(one),
            _ => None,
        });
        if let Some(row) = twice {
            return Err(format!("`{}` is there twice", row.heading()));
        }
        let matrix = Matrix {
            by,
            whos: self.whos.labels,
            places: self.places.labels,
            columns: self.columns.labels,
            rows,
        };
        Ok(match by {
            By::Roles => matrix,
            By::Subjects => matrix.with_what_is_used(),
        })
    }
}

fn heading(mut words: Words<'_>) -> Read<Row> {
    let (method, path) = (words.route_word()?, words.route_word()?);
    let (asks, how) = words.asks()?;
    let is_asked = |grant: &Grant<'_>| {
        let is_named = grant.resource().is_some() && grant.action().is_some();
        is_named && !grant.denies() && !grant.is_own()
    };
    if asks != PUBLIC && !Grant::parse(asks).is_ok_and(|grant| is_asked(&grant)) {
        return Err(format!(
            "is no route: `{asks}` is neither `{PUBLIC}` nor a resource and an action"
        ));
    }
    Ok(Row {
        path,
        method,
        asks: asks.to_owned(),
        how: how.to_owned(),
        strips: Vec::new(),
    })
}

/// What is left of a line.
struct Words<'t>(&'t str);

impl<'t> Words<'t> {
    fn is_at_end(&self) -> bool {
        self.0.trim_start().is_empty()
    }

    fn is_before(&self, sign: char) -> bool {
        self.0.trim_start().starts_with(sign)
    }

    fn expect(&mut self, sign: char) -> Read<()> {
        let rest = self.0.trim_start().strip_prefix(sign);
        self.0 = rest.ok_or_else(|| format!("has no `{sign}` where one is expected"))?;
        Ok(())
    }

    /// A string of JSON, or what stands before one of these.
    fn word(&mut self, ends: impl Fn(char) -> bool) -> Read<(&'t str, Option<String>)> {
        let rest = self.0.trim_start();
        if rest.starts_with('"') {
            let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
            let Some(Ok(word)) = strings.next() else {
                return Err("has a `\"` that no string follows".to_owned());
            };
            self.0 = rest.get(strings.byte_offset()..).unwrap_or_default();
            return Ok(("", Some(word)));
        }
        let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        self.0 = rest;
        Ok((word.trim_end(), None))
    }

    fn route_word(&mut self) -> Read<String> {
        let (word, quoted) = self.word(char::is_whitespace)?;
        Ok(quoted.unwrap_or_else(|| word.to_owned()))
    }

    /// What a route asks, and in brackets how, where it stands there.
    fn asks(&self) -> Read<(&'t str, &'t str)> {
        let rest = self.0.trim();
        let Some((asks, how)) = rest.split_once(char::is_whitespace) else {
            return Ok((rest, ""));
        };
        let how = how
            .trim()
            .strip_prefix('(')
            .and_then(|how| how.strip_suffix(')'));
        match how.map(str::trim) {
            Some(how) if asks != PUBLIC && !how.is_empty() => Ok((asks, how)),
            _ => Err(format!("is no route: `{rest}` is more than what it asks")),
        }
    }

    fn label(&mut self) -> Read<Label> {
        match self.word(|letter| ",|;:\"".contains(letter))? {
            (_, Some(quoted)) => Ok(Label::Named(quoted)),
            ("", None) => Err("has no name where one is expected".to_owned()),
            (word, None) => Ok(Label::word(word).unwrap_or_else(|| Label::named(word))),
        }
    }

    /// One or more; `None` for `*`.
    fn labels(&mut self) -> Read<Option<Vec<Label>>> {
        if let Some(rest) = self.0.trim_start().strip_prefix(ALL) {
            self.0 = rest;
            return Ok(None);
        }
        let mut labels = vec![self.label()?];
        while self.is_before(',') {
            self.expect(',')?;
            labels.push(self.label()?);
        }
        Ok(Some(labels))
    }

    fn labels_to_the_end(mut self) -> Read<Vec<Label>> {
        let labels = self.labels()?.ok_or("has a `*` where names are expected")?;
        if self.is_at_end() {
            Ok(labels)
        } else {
            Err("is no list of names".to_owned())
        }
    }

    fn outcome(&mut self) -> Read<MatrixCell> {
        let (word, _) = self.word(|letter| ":;".contains(letter))?;
        MatrixCell::parse(word).ok_or_else(|| format!("`{word}` is no outcome"))
    }
}
