# Downloading models. No test goes to the network; what a download does is tested in the engine, against a server on loopback.
Describe 'Save-HyperDasModel' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.SaveHyperDasModelCommand'
        $before, $env:HF_HUB_CACHE = $env:HF_HUB_CACHE, "$TestDrive/hub"
    }
    AfterAll { $env:HF_HUB_CACHE = $before }

    It 'refuses <Id> at <Uri> (<Revision>) with <ErrorId>' -ForEach @(
        @{ Id = '../../etc'; Uri = 'http://127.0.0.1:9'; Revision = 'main'; ErrorId = 'RepositoryNameInvalid' }
        @{ Id = "a/b`0"; Uri = 'http://127.0.0.1:9'; Revision = 'main'; ErrorId = 'RepositoryNameInvalid' }
        @{ Id = 'a/b'; Uri = 'http://127.0.0.1:9'; Revision = 'a b'; ErrorId = 'RepositoryNameInvalid' }
        @{ Id = 'a/b'; Uri = 'ftp://127.0.0.1'; Revision = 'main'; ErrorId = 'UriUnsupported' }
    ) {
        { Save-HyperDasModel $Id "$TestDrive/no" -Uri $Uri -Revision $Revision -ErrorAction Stop } |
            Should -Throw -ErrorId "$ErrorId,$command"
        "$TestDrive/no" | Should -Not -Exist
    }

    It 'takes tokens as text and as secure strings, and writes nothing with -WhatIf' {
        $secure = [securestring]::new()
        $secure.AppendChar('x')
        foreach ($token in 'x', $secure) {
            'a/b' | Save-HyperDasModel -Token $token -WhatIf | Should -BeNullOrEmpty
        }
        { Save-HyperDasModel a/b -Token "a`nb" -ErrorAction Stop } | Should -Throw -ErrorId "OptionInvalid,$command"
        "$TestDrive/hub" | Should -Not -Exist
    }

    It 'downloads nothing where HF_HUB_OFFLINE is set' {
        $env:HF_HUB_OFFLINE = '1'
        try { { Save-HyperDasModel a/b -ErrorAction Stop } | Should -Throw -ErrorId "DownloadFailed,$command" }
        finally { $env:HF_HUB_OFFLINE = $null }
    }
}
