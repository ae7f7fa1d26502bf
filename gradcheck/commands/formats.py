"""The formats: of a document with proofs, and of what was found."""

DOCUMENTS = ("latex", "pdf", "markdown", "typst", "smtlib", "coq")
FORMS = ("text", "json", "junit", "sarif", "github", "markdown")
PROOFS = tuple(form for form in DOCUMENTS if form not in FORMS)
