"""The whole list of field types. A new type is a module here, a template, and a line in the table.

The order matters once: the first type that recognises the values of a key is the key's type.
"""

from __future__ import annotations

from gitcms.schema.fields.base import BadField, FieldType, Observed
from gitcms.schema.fields.blocks import Blocks
from gitcms.schema.fields.boolean import Boolean
from gitcms.schema.fields.code import Code
from gitcms.schema.fields.colour import Colour
from gitcms.schema.fields.computed import Computed
from gitcms.schema.fields.data import Data
from gitcms.schema.fields.date import Date
from gitcms.schema.fields.datetime import DateTime
from gitcms.schema.fields.email import Email
from gitcms.schema.fields.file import File
from gitcms.schema.fields.gallery import Gallery
from gitcms.schema.fields.hidden import Hidden
from gitcms.schema.fields.image import Image
from gitcms.schema.fields.keyvalue import KeyValue
from gitcms.schema.fields.list import List
from gitcms.schema.fields.longtext import LongText
from gitcms.schema.fields.map import Map
from gitcms.schema.fields.markdown import Markdown
from gitcms.schema.fields.multiselect import MultiSelect
from gitcms.schema.fields.number import Number
from gitcms.schema.fields.object import Object
from gitcms.schema.fields.objects import Objects
from gitcms.schema.fields.raw import RawValue
from gitcms.schema.fields.readonly import ReadOnly
from gitcms.schema.fields.relation import Relation
from gitcms.schema.fields.select import Select
from gitcms.schema.fields.slug import Slug
from gitcms.schema.fields.tags import Tags
from gitcms.schema.fields.text import Text
from gitcms.schema.fields.time import Time
from gitcms.schema.fields.url import Url
from gitcms.schema.fields.uuid import Uuid

FIELD_TYPES: dict[str, FieldType] = {
    kind.name: kind
    for kind in (
        Boolean(),
        Number(),
        DateTime(),
        Date(),
        Time(),
        Map(),
        Blocks(),
        Objects(),
        Gallery(),
        Relation(),
        MultiSelect(),
        Tags(),
        List(),
        KeyValue(),
        Object(),
        Uuid(),
        Email(),
        Colour(),
        Image(),
        File(),
        Url(),
        Slug(),
        Select(),
        Code(),
        Markdown(),
        LongText(),
        Text(),
        Data(),
        Computed(),
        ReadOnly(),
        Hidden(),
        RawValue(),
    )
}

__all__ = ["FIELD_TYPES", "BadField", "FieldType", "Observed"]
