#!/usr/bin/env bash
# Fetches the front-end parts named in package.json and copies the few files we use into
# matchsvc/web/static, with their licences and a checksum manifest. For developers only: what it
# writes is committed, and nothing of Node is needed to run the service.
#   scripts/vendor.sh            copy everything again, then build static/app.css
# Icons: add the Lucide name to scripts/icons.txt and run this again.
set -euo pipefail
cd "$(dirname "$0")/.."
repo=$PWD
export SOURCE_DATE_EPOCH=1767225600 # the same fonts to the byte each time
static=$repo/matchsvc/web/static
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp package.json "$work/"
(cd "$work" && npm install --no-package-lock --ignore-scripts --no-audit --no-fund --silent)
from=$work/node_modules

rm -rf "$static/vendor" "$static/fonts"
mkdir -p "$static"/vendor/{designsystemet,htmx,icons} "$static/fonts"

# Designsystemet: only the components our pages use; scripts/build_css.py joins them.
for part in base button error-summary field fieldset input label link skip-link validation-message; do
  cp "$from/@digdir/designsystemet-css/dist/src/$part.css" "$static/vendor/designsystemet/"
done
cp "$from/@digdir/designsystemet-css/LICENSE" "$static/vendor/designsystemet/"

cp "$from/htmx.org/dist/htmx.min.js" "$from/htmx.org/LICENSE" "$static/vendor/htmx/"

while read -r name; do
  cp "$from/lucide-static/icons/$name.svg" "$static/vendor/icons/"
done < scripts/icons.txt
cp "$from/lucide-static/LICENSE" "$static/vendor/icons/"

# Source Sans 3: Latin-1 and punctuation for every page; Latin Extended-A (Łukasz, Şirin, Đorđe)
# as a second file that a browser fetches only when a page has such a letter. Weights 400 to 700.
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "fonttools==4.68.0" "brotli==1.2.1"
cut_font() { # source, target, unicodes
  "$work/venv/bin/fonttools" varLib.instancer -q "$1" wght=400:700 -o "$work/limited.ttf"
  "$work/venv/bin/pyftsubset" "$work/limited.ttf" --unicodes="$3" --flavor=woff2 \
    --layout-features='kern,liga,mark,mkmk,ccmp,locl,tnum,lnum,calt,init,medi,fina,rlig' \
    --no-hinting --desubroutinize --output-file="$2"
}
sans=$from/@fontsource-variable/source-sans-3
cut_font "$sans/files/source-sans-3-latin-wght-normal.woff2" \
  "$static/fonts/source-sans-3.woff2" \
  'U+0020-007E,U+00A0-00FF,U+2010-2015,U+2018-201A,U+201C-201E,U+2022,U+2026,U+202F,U+2032,U+2039,U+203A,U+20AC,U+2190-2193,U+2212,U+2264,U+2265'
cut_font "$sans/files/source-sans-3-latin-ext-wght-normal.woff2" \
  "$static/fonts/source-sans-3-ext.woff2" 'U+0100-017F,U+0218-021B,U+1E9E'
cp "$sans/LICENSE" "$static/fonts/source-sans-3-OFL.txt"
cp "$from/@fontsource-variable/vazirmatn/files/vazirmatn-arabic-wght-normal.woff2" "$work/vazirmatn.woff2"
cut_font "$work/vazirmatn.woff2" "$static/fonts/vazirmatn.woff2" \
  'U+0600-06FF,U+0750-077F,U+200C-200E,U+FB50-FDFF,U+FE70-FEFC'
cp "$from/@fontsource-variable/vazirmatn/LICENSE" "$static/fonts/vazirmatn-OFL.txt"

# The same two for printed papers, as plain files.
papers=$repo/matchsvc/web/papers/fonts
"$work/venv/bin/python" scripts/paper_fonts.py "$sans/files" \
  "$from/@fontsource-variable/vazirmatn/files" "$papers"
cp "$static"/fonts/*-OFL.txt "$papers/"

(cd "$static" && find vendor fonts -type f ! -name MANIFEST.sha256 -print0 | LC_ALL=C sort -z |
  xargs -0 sha256sum > vendor/MANIFEST.sha256)
python3 scripts/build_css.py
