Describe 'Invoke-HyperDasExperiment' {
    BeforeAll {
        . "$PSScriptRoot/common.ps1"
        $command = 'HyperDas.Commands.InvokeHyperDasExperimentCommand'
        New-ToyDataset | Export-RavelDataset "$TestDrive/toy.jsonl"

        # An experiment of a second in a folder of its own; more lines can be added.
        function New-ToyExperiment([string[]] $Line) {
            $folder = [System.IO.Directory]::CreateDirectory("$TestDrive/toy [1] $([guid]::NewGuid())").FullName
            $file = "$folder/toy.yaml"
            [System.IO.File]::WriteAllText($file, (@(
                        "target: { path: '$toyPath' }"
                        'data: { path: ../toy.jsonl }'
                        'method: { layer: 2, featureDimension: 8, blocks: 1 }'
                        'training: { epochs: 1, batchSize: 4 }'
                        'evaluation: { bootstrapSamples: 0 }'
                        $Line) -join "`n"))
            $file
        }
    }

    It 'runs a document and leaves everything in its folder' {
        $file = New-ToyExperiment
        $result = Invoke-HyperDasExperiment -LiteralPath $file
        $result | Should -BeOfType HyperDas.ExperimentResult
        $result.Path | Should -Be ([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($file), 'runs', 'toy'))
        $result.Steps | Should -Be 3
        foreach ($name in 'experiment.yaml', 'manifest.json', 'metrics.jsonl', 'scores.json', 'report.html',
            'interpreter/interpreter.json') {
            [System.IO.File]::Exists("$($result.Path)/$name") | Should -BeTrue
        }
        $result.Disentangle | Should -Be $result.Mean.Disentangle
        $model = Import-HyperDasModel $toyPath
        (Import-HyperDasModel -Interpreter "$($result.Path)/interpreter".Replace('[', '`[').Replace(']', '`]') -Model $model).Layer |
            Should -Be 2
        Remove-HyperDasModel $model
    }

    It 'does not repeat a finished run without -Force' {
        $file = New-ToyExperiment
        (Invoke-HyperDasExperiment -LiteralPath $file).WasFinished | Should -BeFalse
        (Invoke-HyperDasExperiment -LiteralPath $file).WasFinished | Should -BeTrue
        (Invoke-HyperDasExperiment -LiteralPath $file -Force).WasFinished | Should -BeFalse
    }

    It 'writes the page of a finished run that lacks it' {
        $file = New-ToyExperiment
        $page = "$((Invoke-HyperDasExperiment -LiteralPath $file).Path)/report.html"
        [System.IO.File]::Delete($page)
        (Invoke-HyperDasExperiment -LiteralPath $file).WasFinished | Should -BeTrue
        [System.IO.File]::Exists($page) | Should -BeTrue
    }

    It 'refuses a folder with other settings' {
        $file = New-ToyExperiment
        [void] (Invoke-HyperDasExperiment -LiteralPath $file)
        { Invoke-HyperDasExperiment -LiteralPath $file -Set seed=2 -ErrorAction Stop } | Should -Throw -ErrorId "OutputExists,$command"
        (Invoke-HyperDasExperiment -LiteralPath $file -Set seed=2 -OutputPath "$TestDrive/seed2").WasFinished | Should -BeFalse
    }

    It 'runs the runs of a sweep one by one, and only those that -Index names' {
        $file = New-ToyExperiment 'sweep: { method.layer: [1, 2] }'
        $second = Invoke-HyperDasExperiment -LiteralPath $file -Index 1
        $second.Values['method.layer'] | Should -Be '2'
        $all = Invoke-HyperDasExperiment -LiteralPath $file
        $all.WasFinished | Should -Be $false, $true
        { Invoke-HyperDasExperiment -LiteralPath $file -Index 2 -ErrorAction Stop } | Should -Throw -ErrorId "RunNotFound,$command"
    }

    It 'stops the sweep when the pipeline has enough' {
        $file = New-ToyExperiment 'sweep: { seed: [1, 2, 3] }'
        foreach ($once in 1) {
            Invoke-HyperDasExperiment -LiteralPath $file | ForEach-Object { if ($_.Values['seed'] -eq '1') { break } }
        }
        [System.IO.Directory]::GetDirectories([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($file), 'runs', 'toy')).Count |
            Should -Be 1
    }

    It 'runs in the background with -AsJob' {
        $file = New-ToyExperiment 'sweep: { seed: [1, 2] }'
        $job = Invoke-HyperDasExperiment -LiteralPath $file -AsJob
        $job | Should -BeOfType System.Management.Automation.Job
        $results = $job | Wait-Job | Receive-Job
        $results.Name | Should -Be 'toy/seed-1', 'toy/seed-2'
        $job | Remove-Job
        (Invoke-HyperDasExperiment -LiteralPath $file).WasFinished | Should -Be $true, $true
    }

    It 'takes documents from the pipeline, by value and by name' {
        $file = New-ToyExperiment
        $pattern = [WildcardPattern]::Escape($file)
        ($pattern | Invoke-HyperDasExperiment).Name | Should -Be 'toy'
        ([pscustomobject]@{ Path = $pattern } | Invoke-HyperDasExperiment).WasFinished | Should -BeTrue
    }

    It 'tells everything that is wrong in one error, and begins nothing' {
        $file = New-ToyExperiment 'seed: x', 'name: a/b'
        { Invoke-HyperDasExperiment -LiteralPath $file -ErrorAction Stop } | Should -Throw -ErrorId "ConfigInvalid,$command"
        [void] (Invoke-HyperDasExperiment -LiteralPath $file -ErrorVariable mistake -ErrorAction SilentlyContinue)
        $mistake[0].TargetObject.Key | Should -Be 'seed', 'name'
        [System.IO.Directory]::Exists([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($file), 'runs')) | Should -BeFalse
    }

    It 'writes nothing under -WhatIf' {
        $file = New-ToyExperiment
        Invoke-HyperDasExperiment -LiteralPath $file -WhatIf | Should -BeNullOrEmpty
        [System.IO.Directory]::Exists([System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($file), 'runs')) | Should -BeFalse
    }
}
