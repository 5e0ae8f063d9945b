//! A route's path as axum writes it.

/// A piece of a path: `/orgs/{org}/files/{*rest}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'p> {
    /// What is there as it is; of two equal braces one is meant.
    Literal(&'p str),
    /// What stands up to the next `/`.
    Param(&'p str),
    /// All that follows.
    Rest(&'p str),
}

/// The pieces of a path. What is no path of axum's, it has refused; here it is a literal.
pub(crate) fn pieces(path: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = path;
    std::iter::from_fn(move || {
        let (piece, behind) = match rest.strip_prefix('{') {
            Some(more) if !more.starts_with('{') => {
                let (name, behind) = more.split_once('}').unwrap_or((more, ""));
                let piece = name
                    .strip_prefix('*')
                    .map_or(Piece::Param(name), Piece::Rest);
                (piece, behind)
            }
            Some(more) => {
                // One brace is said, and stands for itself.
                let (brace, _) = rest.split_at_checked(1)?;
                (Piece::Literal(brace), more.strip_prefix('{')?)
            }
            None if rest.is_empty() => return None,
            None => {
                let end = rest.find(['{', '}']).filter(|end| *end > 0);
                match end {
                    Some(end) => {
                        let (literal, behind) = rest.split_at_checked(end)?;
                        (Piece::Literal(literal), behind)
                    }
                    None if rest.starts_with('}') => {
                        let (brace, behind) = rest.split_at_checked(1)?;
                        (
                            Piece::Literal(brace),
                            behind.strip_prefix('}').unwrap_or(behind),
                        )
                    }
                    None => (Piece::Literal(rest), ""),
                }
            }
        };
        rest = behind;
        Some(piece)
    })
}

/// The names of a path's parameters.
pub(crate) fn params(path: &str) -> impl Iterator<Item = &str> {
    pieces(path).filter_map(|piece| match piece {
        Piece::Literal(_) => None,
        Piece::Param(name) | Piece::Rest(name) => Some(name),
    })
}

#[cfg(test)]
mod tests {
    use super::Piece::{Literal, Param, Rest};
    use super::*;

    #[test]
    fn a_path_is_read_as_axum_reads_it() {
        let rows: [(&str, &[Piece<'_>]); 8] = [
            ("", &[]),
            ("/", &[Literal("/")]),
            ("/orgs/{org}", &[Literal("/orgs/"), Param("org")]),
            (
                "/{a}/{b}/",
                &[
                    Literal("/"),
                    Param("a"),
                    Literal("/"),
                    Param("b"),
                    Literal("/"),
                ],
            ),
            ("/f/{*rest}", &[Literal("/f/"), Rest("rest")]),
            ("/a_{b}", &[Literal("/a_"), Param("b")]),
            (
                "/{{a}}/{b}",
                &[
                    Literal("/"),
                    Literal("{"),
                    Literal("a"),
                    Literal("}"),
                    Literal("/"),
                    Param("b"),
                ],
            ),
            ("/{org", &[Literal("/"), Param("org")]),
        ];
        for (path, want) in rows {
            assert_eq!(pieces(path).collect::<Vec<_>>(), want, "{path}");
        }
        let names: Vec<_> = params("/{{x}}/{a}/{*b}").collect();
        assert_eq!(names, ["a", "b"]);
    }
}
