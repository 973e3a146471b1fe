//! Odd but legal texts: what people really store as secrets and notes, and what programs trip over.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// An odd text.
#[derive(Clone)]
pub(crate) struct Odd {
    pub(crate) text: String,
    /// Whether many a server refuses it for good reasons of its own.
    pub(crate) open: bool,
}

/// How long the long texts are, in bytes: as a bundle of certificates, and as a file.
pub(crate) const LONG: [usize; 2] = [64 * 1024, 1024 * 1024];

/// A long text that begins with a core that is like no other. Many a server takes no text of such a length.
pub(crate) fn long_text(core: &str, length: usize) -> Odd {
    Odd { text: format!("{core}{}", "x".repeat(length.saturating_sub(core.len()))), open: true }
}

/// Texts around a core that is like no other. None has more than a few hundred characters.
pub(crate) fn odd_texts(core: &str) -> Vec<Odd> {
    let base64 = BASE64_STANDARD.encode(core);
    let taken = [
        // One letter in its two Unicode normal forms (UAX 15): they look alike and are not the same bytes.
        format!("caf\u{e9}-{core}"),
        format!("cafe\u{301}-{core}"),
        format!("\u{5d0}\u{5d1}\u{5d2} {core} \u{202b}\u{627}\u{628}\u{202c}"),
        format!("\u{1f511}\u{1d49c}{core}\u{10ffff}"),
        format!("\u{feff}{core}"),
        format!("{}\u{200b}{}\u{200d}", &core[..core.len() / 2], &core[core.len() / 2..]),
        format!("\u{130}\u{df}\u{fb01}{core}"),
        format!("  {core}  "),
        format!("{core}\r\nsecond line\n"),
        format!("\t{core}"),
        format!("-----BEGIN PRIVATE KEY-----\n{core}\n-----END PRIVATE KEY-----\n"),
        format!("${{{core}}}"),
        format!("{{{{ {core} }}}}"),
        format!("%s%n{core}%00"),
        format!("$(echo {core}); `id` | cat > /dev/null && true & '\"\\"),
        format!("' OR '1'='1' -- {core}"),
        format!("<script>alert('{core}')</script>&amp;"),
        format!("{{\"nested\":{{\"value\":\"{core}\"}},\"list\":[1,null]}}"),
        format!("../../{core}%2F..%2f"),
        format!("postgres://user:{core}@db.example.com:5432/app?sslmode=require#x"),
        format!("{core}\\u0000\\n\\"),
        base64,
    ];
    // No database of the wide-spread ones stores NUL in a text, and no terminal likes the others.
    let open = [format!("{core}\0end"), format!("\u{1b}[31m{core}\u{7}"), String::new()];
    taken.into_iter().map(|text| Odd { text, open: false }).chain(open.into_iter().map(|text| Odd { text, open: true })).collect()
}

/// A name made odd. What would lead elsewhere in a path, `.` and `..` alone, is never made.
pub(crate) fn odd_name(name: &str, number: usize) -> Odd {
    let upper = name.to_uppercase();
    let names = [
        (format!("{name}-caf\u{e9}"), false),
        (format!("{name}-cafe\u{301}"), false),
        (format!("{name}.v1.2"), false),
        (upper, false),
        (format!("{name} with spaces"), false),
        (format!("{name}-\u{5d0}\u{5d1}"), false),
        (format!("{name}-\u{1f511}"), false),
        (format!("{name}+and&more=1"), true),
        (format!("{name}..x"), true),
        (format!("{name}/x"), true),
        (format!("{name}%2Fx"), true),
        (format!(" {name} "), true),
        (format!("{name}\u{200b}"), true),
        (format!("{name}?x#y;z"), true),
    ];
    let (text, open) = names[number % names.len()].clone();
    Odd { text, open }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_odd_text_holds_its_core_in_some_dress() {
        let core = "8Jk2mNpQ7rStVxYz4aBc";
        let held = |text: &str| {
            let plain: String = text.chars().filter(|c| *c != '\u{200b}').collect();
            plain.contains(core) || text.contains(&BASE64_STANDARD.encode(core)) || text.is_empty()
        };
        assert!(odd_texts(core).iter().all(|odd| held(&odd.text)));
        assert!((0..20).all(|number| odd_name("lockstep-1", number).text.to_lowercase().contains("lockstep-1")));
    }
}
