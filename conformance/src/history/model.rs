//! The model: a register that may be empty. It holds one thing with a few fields, each with what was written last.

/// What is at the key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Present {
    /// The operation that made the thing: after a delete, what is made again is another thing.
    made_by: usize,
    /// For each field the operation that wrote it last; none if nobody can tell.
    written_by: Vec<Option<usize>>,
}

/// The register: empty, or holding a thing.
pub(crate) type State = Option<Present>;

/// How an operation names what it acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// By the key: whatever is there now.
    Key,
    /// By the id of the thing that a certain operation made.
    MadeBy(usize),
}

/// What a write does to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nothing.
    Keep,
    /// It writes a value that no other operation writes.
    Write,
    /// It writes something that cannot be told from what others write, or nobody knows whether it writes.
    Blur,
}

/// What an operation did, as its answer tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// It made a thing where there was none.
    Create(Vec<Change>),
    /// It made a thing, or replaced what the present one holds.
    Replace(Vec<Change>),
    /// It changed fields of the thing that was there.
    Update(Address, Vec<Change>),
    /// It removed the thing. Removing nothing is acknowledged as well: DELETE is idempotent (RFC 9110, section 9.2.2).
    Delete(Address),
    /// It found nothing there, whatever it wanted to do.
    Absent(Address),
    /// It found a thing, and in some fields what a certain operation wrote.
    Seen(Address, Vec<Option<usize>>),
}

impl Act {
    /// Whether it changes what is there.
    pub(crate) const fn writes(&self) -> bool {
        match self {
            Self::Create(_) | Self::Replace(_) | Self::Update(..) | Self::Delete(_) => true,
            Self::Absent(_) | Self::Seen(..) => false,
        }
    }
}

/// One operation of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// Its number, by which others refer to it.
    pub(crate) id: usize,
    /// When it was asked for, in a total order of all requests and answers.
    pub(crate) invoked: usize,
    /// When it was answered; none if nobody can say whether it was carried out, or when it will be.
    pub(crate) returned: Option<usize>,
    pub(crate) act: Act,
}

/// What happened to one key, which was empty at the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct History {
    pub(crate) operations: Vec<Operation>,
}

impl Operation {
    /// The register after this operation; none if its answer is not that of a server in this state.
    pub(crate) fn after(&self, state: &State) -> Option<State> {
        match &self.act {
            Act::Create(changes) => state.is_none().then(|| Some(self.made(changes, self.id))),
            Act::Replace(changes) => {
                let made_by = state.as_ref().map_or(self.id, |present| present.made_by);
                Some(Some(self.made(changes, made_by)))
            }
            Act::Update(address, changes) => {
                let present = found(state, *address)?;
                let written = present.written_by.iter().zip(changes).map(|(before, change)| self.written(*change, *before));
                Some(Some(Present { made_by: present.made_by, written_by: written.collect() }))
            }
            Act::Delete(address) => Some(if found(state, *address).is_some() { None } else { state.clone() }),
            Act::Absent(address) => found(state, *address).is_none().then(|| state.clone()),
            Act::Seen(address, seen) => {
                let present = found(state, *address)?;
                let fits = |(own, seen): (&Option<usize>, &Option<usize>)| own.is_none() || seen.is_none() || own == seen;
                present.written_by.iter().zip(seen).all(fits).then(|| state.clone())
            }
        }
    }

    /// The operations to which it refers: whose values it saw, and whose thing it names.
    pub(crate) fn sources(&self) -> Vec<usize> {
        let (address, seen) = match &self.act {
            Act::Seen(address, seen) => (address, seen.as_slice()),
            Act::Update(address, _) | Act::Delete(address) | Act::Absent(address) => (address, [].as_slice()),
            Act::Create(_) | Act::Replace(_) => return Vec::new(),
        };
        let made_by = match address {
            Address::Key => None,
            Address::MadeBy(id) => Some(*id),
        };
        seen.iter().flatten().copied().chain(made_by).collect()
    }

    /// A thing that this operation has just written. Of what it does not name nobody can say whether it was kept or cleared.
    fn made(&self, changes: &[Change], made_by: usize) -> Present {
        Present { made_by, written_by: changes.iter().map(|change| self.written(*change, None)).collect() }
    }

    fn written(&self, change: Change, before: Option<usize>) -> Option<usize> {
        match change {
            Change::Keep => before,
            Change::Write => Some(self.id),
            Change::Blur => None,
        }
    }
}

fn found(state: &State, address: Address) -> Option<&Present> {
    let meant = |present: &&Present| match address {
        Address::Key => true,
        Address::MadeBy(id) => present.made_by == id,
    };
    state.as_ref().filter(meant)
}
