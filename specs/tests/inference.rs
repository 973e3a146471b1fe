//! How much of what the packs claim can be read from their documents alone.

#[path = "inference/aligned.rs"]
mod aligned;
#[path = "inference/figure.rs"]
mod figure;

use figure::{Figure, aim};
use specs::vendors;

/// Of what a document has words for, inference reads this share in all packs together, in percent.
const LEAST: usize = 80;

#[test]
fn documents_alone_tell_most_of_what_the_packs_claim() {
    let figures: Vec<(String, Figure)> = vendors().into_iter().map(|vendor| (vendor.clone(), Figure::of(&vendor))).collect();
    insta::assert_snapshot!("share", figure::table(&figures));
    for (vendor, figure) in &figures {
        insta::assert_snapshot!(format!("missed-{vendor}"), figure.missed());
    }
    let all = figure::sum(figures.iter().map(|(_, figure)| figure.sayable));
    assert!(aim(all) >= LEAST, "{all:?}");
}
