"""Every exception that Cutaway raises on purpose. Catch `CutawayError` to catch them all.

CutawayError
├── PromptError              the text cannot be a prompt
│   ├── EmptyPrompt          no token in it
│   ├── PromptTooLong        more tokens than the model has positions
│   └── NotText              not valid Unicode: bytes that are no UTF-8, or a lone surrogate
├── SettingError             an option outside its range: temperature, top-k, top-p, counts
├── BookError                the workbook cannot be built, read or changed so
│   ├── UnknownTable         no table of that name; says what was probably meant
│   ├── UnknownRow           no such row, column, head or label in the table
│   ├── MissingInput         an input that a table needs and the run was not given
│   ├── NoSuchRole           a table that this kind of model does not have
│   ├── ShapeMismatch        a table, value or formula of the wrong shape
│   ├── FormulaError         a formula that is not a formula
│   ├── UnsupportedStep      a step that can be calculated, but not said in SQL or as a formula
│   └── MemoryBudgetExceeded a table larger than the memory that the run may use
├── TokenizerError           tokens, merges and their files
│   ├── UnknownToken         an id or a text that the vocabulary does not have
│   └── TokenizerFileError   a vocabulary or merges file that cannot be read
├── WeightsError             the numbers of a model and their files
│   ├── MissingTensors       tensors that the model needs and the file lacks: all are named
│   ├── WrongShape           a tensor of another shape than the model's
│   ├── NotFinite            NaN or infinity in a tensor
│   ├── CorruptFile          a truncated file, or one that is not what its name says
│   └── UnsafeArchive        a zip that climbs out of its folder, or a zip bomb
├── ModelError               the models that Cutaway can open
│   ├── UnknownModel         no model of that name or path
│   ├── ConfigError          a shape that no GPT-2 can have
│   └── DownloadFailed       no network, or a download that broke off
├── TrainingError            data or settings that nothing can be learned from
├── DiskError                a file that could not be written; the old one is still there
├── DatabaseError            a database that cannot be opened, or is not the model's
├── StudioError              the page, its server and the process that calculates
│   ├── MessageError         a message from the page that is not what it should be
│   ├── DocumentInUse        a document that another server has open
│   ├── WorkerStopped        the process that calculates has ended; another one starts
│   ├── WorkerError          an error of that process: kind, message, line
│   ├── CodeError            an error in code of the user's own, with its line
│   └── WorkbookFileError    a workbook's file that cannot be read
├── LessonError              a lesson that cannot be read or done, or no answer to its question
└── MissingExtra             an optional package that this verb needs
"""


class CutawayError(Exception):
    """A mistake that can be put right: the message says what was found, expected, and to do."""


class PromptError(CutawayError, ValueError):
    """The text cannot be a prompt."""


class EmptyPrompt(PromptError):
    """A prompt without a single token."""


class PromptTooLong(PromptError):
    """A prompt of more tokens than the model has positions."""


class NotText(PromptError):
    """Bytes that are not UTF-8, or text with a lone surrogate."""


class SettingError(CutawayError, ValueError):
    """An option outside its range."""


class BookError(CutawayError):
    """The workbook cannot be built, read or changed in this way."""


class UnknownTable(BookError, KeyError):
    """No table of that name."""

    __str__ = Exception.__str__  # KeyError would print the message in quotes


class UnknownRow(BookError, LookupError):
    """No such row, column, head or label."""


class MissingInput(BookError, LookupError):
    """An input that a table needs, and that the run was not given."""


class NoSuchRole(BookError, LookupError):
    """A table that this kind of model does not have."""


class ShapeMismatch(BookError, ValueError):
    """A table, a value or a formula of the wrong shape."""


class FormulaError(BookError, ValueError):
    """A formula that is not a formula."""


class UnsupportedStep(BookError):
    """A step can be calculated, but not said in SQL or as a spreadsheet's formula."""


class MemoryBudgetExceeded(BookError, MemoryError):
    """A table larger than the memory that the run may use."""


class TokenizerError(CutawayError):
    """Tokens, merges and their files."""


class UnknownToken(TokenizerError, LookupError):
    """An id or a text that the vocabulary does not have."""


class TokenizerFileError(TokenizerError):
    """A vocabulary or merges file that cannot be read."""


class WeightsError(CutawayError):
    """The numbers of a model and their files."""


class MissingTensors(WeightsError):
    """Tensors that the model needs and the file lacks."""


class WrongShape(WeightsError):
    """A tensor of another shape than the model's."""


class NotFinite(WeightsError):
    """NaN or infinity in a tensor."""


class CorruptFile(WeightsError):
    """A truncated file, or one that is not what its name says."""


class UnsafeArchive(WeightsError):
    """A zip that climbs out of its folder, or that unpacks to far more than it weighs."""


class ModelError(CutawayError):
    """The models that Cutaway can open."""


class UnknownModel(ModelError):
    """No model of that name or path."""


class ConfigError(ModelError, ValueError):
    """A shape that no GPT-2 can have."""


class DownloadFailed(ModelError):
    """No network, or a download that broke off."""


class TrainingError(CutawayError):
    """Data or settings that nothing can be learned from."""


class DiskError(CutawayError, OSError):
    """A file that could not be written; the old one is still there."""


class MissingExtra(CutawayError, ImportError):
    """An optional package that this verb needs."""


class DatabaseError(CutawayError):
    """A database that cannot be opened, or does not hold what it should."""


class StudioError(CutawayError):
    """The page, its server and the process that calculates."""


class DocumentInUse(StudioError):
    """A document that another server has open."""


class MessageError(StudioError, ValueError):
    """A message from the page that is not what it should be."""


class WorkerStopped(StudioError):
    """The process that calculates has ended; the edits are kept, and another one starts."""


class CodeError(StudioError):
    """An error in code of the user's own.  line: where it is in that code, from 1, or None"""

    def __init__(self, message: str, line: int | None = None):
        super().__init__(message)
        self.line = line


class WorkerError(StudioError):
    """An error of the process that calculates.

    kind  the name of the error's class there
    line  where it is in the user's own code, from 1, or None
    """

    def __init__(self, kind: str, message: str, line: int | None = None):
        super().__init__(message)
        self.kind, self.line = kind, line


class WorkbookFileError(StudioError):
    """A workbook's file that cannot be read: of another make, damaged, or not plain."""


class LessonError(CutawayError):
    """A lesson that cannot be read, or has an act or an expression that does not work."""
