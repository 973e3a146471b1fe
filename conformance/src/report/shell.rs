//! Bodies in a POSIX shell: as an argument where they are short text, else through a pipe, byte by byte as they were.

use std::fmt::Write as _;

/// A part of a text for the shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes as they are.
    Bytes(Vec<u8>),
    /// The value of a shell variable.
    Variable(String),
    /// A short text many times over.
    Repeated(Vec<u8>, usize),
}

/// A body longer than this goes through a pipe: no terminal shows a longer argument well, and systems limit them.
const LONGEST_ARGUMENT: usize = 2_000;

/// Texts that are repeated are looked for up to this length, and told as such from so many bytes on.
const LONGEST_UNIT: usize = 64;
const SHORTEST_RUN: usize = 512;

/// A text in single quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Pieces as one argument; none if they are too long for one, or no text.
pub(super) fn argument(pieces: &[Piece]) -> Option<String> {
    let mut argument = String::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) if bytes.is_empty() => {}
            Piece::Bytes(bytes) => argument.push_str(&quoted(std::str::from_utf8(bytes).ok().filter(|text| is_plain(text))?)),
            Piece::Variable(name) => write!(argument, "\"${name}\"").ok()?,
            Piece::Repeated(..) => return None,
        }
    }
    (argument.len() <= LONGEST_ARGUMENT).then_some(argument)
}

/// Whether a shell and a terminal take a text as it is.
fn is_plain(text: &str) -> bool {
    !text.chars().any(|c| c.is_control() && c != '\n')
}

/// A command that prints the pieces.
pub(super) fn printing(pieces: &[Piece]) -> String {
    let commands: Vec<String> = pieces.iter().map(command).collect();
    if commands.len() == 1 { commands.concat() } else { format!("{{ {}; }}", commands.join("; ")) }
}

fn command(piece: &Piece) -> String {
    match piece {
        Piece::Bytes(bytes) => format!("printf '{}'", format_of(bytes)),
        Piece::Variable(name) => format!("printf %s \"${name}\""),
        Piece::Repeated(unit, count) => format!("yes \"$(printf '{}')\" | head -n {count} | tr -d '\\n'", format_of(unit)),
    }
}

/// Bytes as a format of `printf`: what is no plain text as an octal escape (POSIX, `printf`, Extended Description).
fn format_of(bytes: &[u8]) -> String {
    let mut format = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => format.push_str("\\\\"),
                '%' => format.push_str("%%"),
                '\'' => format.push_str("'\\''"),
                '\n' => format.push_str("\\n"),
                c if c.is_control() => c.to_string().bytes().for_each(|byte| octal(&mut format, byte)),
                c => format.push(c),
            }
        }
        chunk.invalid().iter().for_each(|byte| octal(&mut format, *byte));
    }
    format
}

fn octal(format: &mut String, byte: u8) {
    // Writing to a text cannot fail.
    let _ = write!(format, "\\{byte:03o}");
}

/// Bytes with their long repetitions told as such.
pub(super) fn pieces(bytes: &[u8]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let (mut start, mut place) = (0, 0);
    while bytes.len() > LONGEST_ARGUMENT && place < bytes.len() {
        let Some((unit, count)) = repetition(&bytes[place..]) else {
            place += 1;
            continue;
        };
        pieces.push(Piece::Bytes(bytes[start..place].to_vec()));
        pieces.push(Piece::Repeated(bytes[place..place + unit].to_vec(), count));
        place += unit * count;
        start = place;
    }
    pieces.push(Piece::Bytes(bytes[start..].to_vec()));
    pieces.retain(|piece| !matches!(piece, Piece::Bytes(bytes) if bytes.is_empty()));
    pieces
}

/// The shortest text with which the bytes begin over and over, and how often; none if that is not worth telling. A line's end cannot be
/// told so, and neither can a text that is cut in the middle of a character.
fn repetition(bytes: &[u8]) -> Option<(usize, usize)> {
    (1..=LONGEST_UNIT.min(bytes.len() / 2)).find_map(|unit| {
        let same = bytes.iter().zip(&bytes[unit..]).take_while(|(a, b)| a == b).count();
        let count = same / unit + 1;
        let told = unit * count >= SHORTEST_RUN && !bytes[..unit].contains(&b'\n');
        (told && std::str::from_utf8(&bytes[..unit]).is_ok()).then_some((unit, count))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    fn printed(pieces: &[Piece]) -> Vec<u8> {
        let output = Command::new("sh").arg("-c").arg(printing(pieces)).env("ID_1", "a 'b' %s\\n").output().expect("a shell");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[test]
    fn every_byte_comes_out_as_it_went_in() {
        let every: Vec<u8> = (0..=255).chain("it's 100 % \\n caf\u{e9} \u{1f511}".bytes()).collect();
        assert_eq!(printed(&pieces(&every)), every);
        let long = [b"{\"value\":\"".to_vec(), b"ab%1".repeat(20_000), "\u{e9}".repeat(9_000).into_bytes(), b"\"}".to_vec()].concat();
        let told = pieces(&long);
        assert_eq!(told.len(), 4, "{}", printing(&told));
        assert!(printing(&told).len() < 300);
        assert_eq!(printed(&told), long);
        assert_eq!(printed(&[Piece::Bytes(b"x=".to_vec()), Piece::Variable("ID_1".to_owned())]), b"x=a 'b' %s\\n");
    }

    #[test]
    fn what_is_long_or_no_text_is_no_argument() {
        assert_eq!(argument(&pieces(b"it's")).as_deref(), Some("'it'\\''s'"));
        assert_eq!(argument(&pieces(b"\xc3\x28")), None);
        assert_eq!(argument(&pieces(b"a\0b")), None);
        assert_eq!(argument(&pieces("x1".repeat(5_000).as_bytes())), None);
    }
}
