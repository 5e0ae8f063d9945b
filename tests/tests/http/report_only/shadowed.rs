//! A candidate policy beside the live one: what it would have answered changes no answer (A89).

use std::sync::Arc;

use gatepost_observe::Shadow;

use super::{Asked, On, Reports, laxer};
use crate::calls;
use crate::served::Adapter;
use crate::table::{Post, Table, document, policy};

async fn every_answer_is_the_same_with_a_candidate_beside(on: On) {
    let enforcing = Reports {
        passes: true,
        ..Reports::default()
    };
    let candidate = Shadow::of_document(&laxer::document(document())).unwrap();
    let mut alone = Asked::start(on, policy(), enforcing.clone()).await;
    let beside = Arc::new(candidate.clone());
    let mut shadowed = Asked::start_beside(on, policy(), enforcing, vec![beside]).await;
    let rows = match on {
        On::Http(_) => Table::load().rows,
        On::Grpc => calls::all(),
    };
    for row in rows.iter().filter(|row| row.gate == Post::Manned) {
        let expected = alone.ask(row).await;
        if row.upgrades() {
            continue;
        }
        let came = shadowed.ask(row).await;
        assert_eq!(came.shown(on), expected.shown(on), "{row}");
        assert_eq!(came.lines(), expected.lines(), "{row}");
        assert_eq!(came.ran, expected.ran, "{row}");
    }
    // It was asked, and says something else.
    let report = candidate.report();
    assert!(report.compared > 20 && report.newly_allowed > 5, "{report}");
}

#[tokio::test]
async fn a89_on_axum_a_candidate_changes_no_answer() {
    every_answer_is_the_same_with_a_candidate_beside(On::Http(Adapter::Axum)).await;
}

#[tokio::test]
async fn a89_on_actix_a_candidate_changes_no_answer() {
    every_answer_is_the_same_with_a_candidate_beside(On::Http(Adapter::Actix)).await;
}

#[tokio::test]
async fn a89_on_tonic_a_candidate_changes_no_answer() {
    every_answer_is_the_same_with_a_candidate_beside(On::Grpc).await;
}
