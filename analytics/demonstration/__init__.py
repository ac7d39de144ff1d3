"""The demonstration: an invented school whose staff browse stand-in web sites through the real gateway."""
