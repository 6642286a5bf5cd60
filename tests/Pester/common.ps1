# What the test files share; dot-source it in BeforeAll. Core commands only: the files also run where pwsh's other modules are missing.
$repository = [System.IO.Path]::GetFullPath("$PSScriptRoot/../..")
if (-not (Get-Module HyperDas)) { Import-Module "$repository/module/HyperDas/HyperDas.psd1" }

# A Llama with random weights: see tests/Fixtures/toy.
$toyPath = "$repository/tests/Fixtures/toy"
$ravelPath = "$repository/examples/data/ravel-mini"

# A copy of the toy that a test may damage. Its name has a space and brackets, as users' folders do.
function New-ToyFolder([string] $Parent) {
    $folder = [System.IO.Directory]::CreateDirectory("$Parent/toy [$([guid]::NewGuid())] copy").FullName
    foreach ($name in 'config.json', 'model.safetensors', 'tokenizer.json') {
        [System.IO.File]::Copy("$toyPath/$name", "$folder/$name")
    }
    $folder
}
