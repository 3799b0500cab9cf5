"""Where the shipped archives are."""

from pathlib import Path

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "fixtures" / "demo"
GFW_ARCHIVE = DEMO / "gfw_2021-01-01_09.nmea.gz"
DMA_ARCHIVE = DEMO / "dma_2021-01-08.csv.gz"
SOLENT_ARCHIVE = DEMO / "solent_2016-01-12.nmea.zst"
ARCHIVES = sorted(path for path in DEMO.glob("*") if path.suffix in {".gz", ".zst"})
