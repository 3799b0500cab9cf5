"""The errors vesseltrack raises on purpose; everything else is a bug.

Our exception hierarchy::

    VesseltrackError            anything below; its text is one line a user can act on
    ├── InputError              what was given cannot be used (file, table, value)
    │   ├── SourceError         an archive or feed: missing, empty, not AIS, cut short
    │   │   └── FormatError     an archive in no layout we read
    │   ├── SchemaError         a table without the columns, types or order it must have
    │   └── ConfigError         a setting: unknown key, wrong type, out of range
    ├── StoreError              the store on disk
    │   ├── StoreMissingError   no store where one was named
    │   ├── StoreBusyError      another process is writing
    │   ├── StoreFullError      the disk is full
    │   └── StoreDamagedError   a file that is not what was recorded
    ├── NotFoundError           an identifier that names nothing in the store
    └── RouteError              no sea route can be given, with the reason
"""


class VesseltrackError(Exception):
    """Any error that vesseltrack raises on purpose."""


class InputError(VesseltrackError):
    """What was given cannot be used."""


class SourceError(InputError):
    """An archive or feed that is missing, empty, not AIS, or cut short."""


class FormatError(SourceError):
    """An archive in no layout that we read."""


class SchemaError(InputError):
    """A table without the columns, types or order that it must have."""


class ConfigError(InputError):
    """A setting with an unknown key, a wrong type or a value out of range."""


class StoreError(VesseltrackError):
    """The store on disk cannot do what was asked."""


class StoreMissingError(StoreError):
    """No store where one was named."""


class StoreBusyError(StoreError):
    """Another process is writing to the store."""


class StoreFullError(StoreError):
    """The disk is full."""


class StoreDamagedError(StoreError):
    """A stored file is not what was recorded of it."""


class NotFoundError(VesseltrackError):
    """An identifier names nothing in the store."""


class RouteError(VesseltrackError):
    """No sea route can be given; the text says why."""
