"""NMEA 0183 sentences to AIS messages: a strict reader of our own before the payload decoder."""
