//! The registers as the naive model knows them: which are looked at, and from when on what is said of a field holds.

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Holds {
    Since,
    Seen,
    Back,
    Ever,
}
use Holds::{Back, Ever, Seen, Since};

/// A field: from when on what is said of it holds, and whose word counts most.
pub type Field = (&'static str, Holds, &'static [&'static str]);

/// A register as the model knows it.
pub struct Register {
    pub id: &'static str,
    /// No list ends its records by silence.
    pub for_ever: bool,
    pub fields: &'static [Field],
}

const POLICE: &[&str] = &["police"];

pub const REGISTERS: &[Register] = &[
    Register {
        id: "person",
        for_ever: true,
        fields: &[
            ("id_number", Ever, POLICE),
            ("name", Back, POLICE),
            ("sex", Ever, POLICE),
            ("birth_date", Ever, POLICE),
            ("ethnicity", Ever, &[]),
            ("nationality", Back, &[]),
            ("hukou_nature", Back, &[]),
            ("marriage", Seen, &[]),
        ],
    },
    Register {
        id: "household",
        for_ever: true,
        fields: &[("address", Back, &[]), ("kind", Back, &[])],
    },
    Register {
        id: "residence",
        for_ever: false,
        fields: &[
            ("household", Back, &[]),
            ("address", Back, &["resident", "community", "police"]),
            ("registered", Back, &[]),
            ("living", Back, &[]),
            ("origin", Back, &[]),
            ("relation_to_head", Back, &[]),
        ],
    },
    Register {
        id: "contact",
        for_ever: false,
        fields: &[("phone", Back, &["resident", "community"])],
    },
    Register {
        id: "kinship",
        for_ever: false,
        fields: &[
            ("adopted", Ever, &[]),
            ("child_status", Back, &[]),
            ("until", Since, &[]),
        ],
    },
    Register {
        id: "birth",
        for_ever: false,
        fields: &[("mother", Since, &[]), ("born_on", Since, &[])],
    },
    Register {
        id: "death",
        for_ever: true,
        fields: &[("died_on", Ever, &[])],
    },
    Register {
        id: "certificate",
        for_ever: false,
        fields: &[
            ("father", Since, &[]),
            ("mother", Since, &[]),
            ("child", Since, &[]),
            ("issued", Since, &[]),
            ("status", Since, &[]),
        ],
    },
    Register {
        id: "employment",
        for_ever: false,
        fields: &[
            ("status", Since, &[]),
            ("since", Since, &[]),
            ("cause", Since, &[]),
            ("retired_on", Since, &[]),
        ],
    },
    Register {
        id: "enrolment",
        for_ever: false,
        fields: &[("monthly", Since, &[])],
    },
];

pub fn register(id: &str) -> &'static Register {
    REGISTERS.iter().find(|register| register.id == id).unwrap()
}

/// The columns of a register's table that are looked at, and what they are called here.
pub fn columns(id: &'static str) -> Vec<(&'static str, &'static str)> {
    let fields = register(id).fields.iter();
    let mut columns: Vec<_> = fields.map(|(field, ..)| (*field, *field)).collect();
    match id {
        "household" | "enrolment" => {}
        "residence" => columns.push(("counted", "@counted")),
        _ => columns.push(("unit", "@unit")),
    }
    columns.push(("valid_from", "@since"));
    columns
}
