Describe 'Install-, Save- and Test-HyperDasBackend' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $install = 'HyperDas.Commands.InstallHyperDasBackendCommand'
        $save = 'HyperDas.Commands.SaveHyperDasBackendCommand'
        $test = 'HyperDas.Commands.TestHyperDasBackendCommand'
        $nothing = [System.IO.Directory]::CreateDirectory("$TestDrive/empty [1]").FullName
    }

    It 'finds that the libtorch of this session computes, and says where it is' {
        $output = Test-HyperDasBackend -Verbose 4>&1
        $output | Where-Object { $_ -is [bool] } | Should -BeTrue
        "$($output | Where-Object { $_ -isnot [bool] })" |
            Should -BeLike "libtorch in '*' works The processor (*) has *instructions for bfloat16 products: *"
    }

    It 'refuses a backend for cards, whose hashes are not known, and says how to get one' -Skip:(-not $IsLinux) {
        { Install-HyperDasBackend -Backend Cuda -Destination "$TestDrive/cuda" -ErrorAction Stop } |
            Should -Throw -ErrorId 'BackendUnverified,*' -ExpectedMessage '*TorchBackend=cuda-linux*'
        "$TestDrive/cuda" | Should -Not -Exist
    }

    It 'refuses to look at a folder without a backend' {
        { Test-HyperDasBackend $nothing -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$test"
        { Test-HyperDasBackend "$TestDrive/nowhere" -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$test"
    }

    It 'tells a whole folder from a damaged one' {
        $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/torch").FullName
        [System.IO.File]::WriteAllText("$folder/backend.json", '{"packages": ["torchsharp 0.0.1"], "sha256": {"libtorch.so": "00"}}')
        $output = $folder | Test-HyperDasBackend -Verbose 4>&1
        $output[-1] | Should -BeFalse
        $output[0].Message | Should -BeLike 'It contains torchsharp 0.0.1 instead of torchsharp 0.107.0, *'
        $output[1].Message | Should -BeExactly "'libtorch.so' is missing."
    }

    It 'refuses a source without the packages, by name' {
        { Install-HyperDasBackend -SourcePath $nothing -Destination "$TestDrive/new" -ErrorAction Stop } |
            Should -Throw -ErrorId "PathNotFound,$install"
        { Save-HyperDasBackend "$TestDrive/bundle" -SourcePath $nothing -ErrorAction Stop } | Should -Throw -ErrorId "PathNotFound,$save"
        "$TestDrive/new" | Should -Not -Exist
        "$TestDrive/bundle" | Should -Not -Exist
    }

    It 'refuses a package that is not the known one' {
        $wrong = [System.IO.Directory]::CreateDirectory("$TestDrive/wrong").FullName
        [System.IO.File]::WriteAllText("$wrong/torchsharp.0.107.0.nupkg", 'something else')
        { Install-HyperDasBackend -SourcePath $wrong -Destination "$TestDrive/new" -ErrorAction Stop } |
            Should -Throw -ErrorId "BackendPackageMismatch,$install"
        "$TestDrive/new" | Should -Not -Exist
    }

    It 'refuses an address that is not a web address, and a platform that there is no libtorch for' {
        { Install-HyperDasBackend 'file:///tmp/' -Destination "$TestDrive/new" -ErrorAction Stop } |
            Should -Throw -ErrorId "UriUnsupported,$install"
        { 'plan9-x64' | Save-HyperDasBackend "$TestDrive/bundle" -ErrorAction Stop } | Should -Throw -ErrorId "PlatformUnsupported,$save"
    }

    It 'does nothing under -WhatIf' {
        Install-HyperDasBackend -Destination "$TestDrive/whatif" -WhatIf | Should -BeNullOrEmpty
        Save-HyperDasBackend "$TestDrive/whatif2" -RuntimeIdentifier win-x64 -WhatIf | Should -BeNullOrEmpty
        "$TestDrive/whatif", "$TestDrive/whatif2" | ForEach-Object { [System.IO.Directory]::Exists($_) } | Should -Not -Contain $true
    }

    It 'suggests platforms' {
        $line = 'Save-HyperDasBackend bundle -RuntimeIdentifier w'
        [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches.CompletionText |
            Should -Contain 'win-x64'
    }
}
