# Saving the benchmark's files. No test goes to the network; what a download does is tested in the engine, against a server on loopback.
Describe 'Save-RavelDataset' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.SaveRavelDatasetCommand'
    }

    It 'names a source that does not exist' {
        { Save-RavelDataset "$TestDrive/ravel" -SourcePath "$TestDrive/missing.tgz" -ErrorAction Stop } |
            Should -Throw -ErrorId "PathNotFound,$command"
    }

    It 'refuses files that are not the benchmark''s, and leaves nothing behind' {
        { Save-RavelDataset "$TestDrive/other" -SourcePath $ravelPath -ErrorAction Stop } |
            Should -Throw -ErrorId "RavelFileMismatch,$command"
        "$TestDrive/other" | Should -Not -Exist
    }

    It 'refuses a folder that lacks files' {
        $empty = [System.IO.Directory]::CreateDirectory("$TestDrive/empty").FullName
        { Save-RavelDataset "$TestDrive/lacking" -SourcePath $empty -ErrorAction Stop } |
            Should -Throw -ErrorId "RavelFilesMissing,$command"
    }

    It 'does not touch files that exist already and differ' {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/mine").FullName
        [System.IO.File]::WriteAllText("$folder/ravel_city_entity_attributes.json", 'mine')
        { Save-RavelDataset $folder -SourcePath $ravelPath -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        [System.IO.File]::ReadAllText("$folder/ravel_city_entity_attributes.json") | Should -BeExactly 'mine'
    }

    It 'downloads from web addresses only' {
        { Save-RavelDataset "$TestDrive/ftp" -Uri ftp://127.0.0.1/data.tgz -ErrorAction Stop } |
            Should -Throw -ErrorId "UriUnsupported,$command"
    }

    It 'saves nothing under -WhatIf' {
        Save-RavelDataset "$TestDrive/whatif" -SourcePath $ravelPath -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif" | Should -Not -Exist
    }
}
