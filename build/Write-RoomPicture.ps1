<#
.SYNOPSIS
Draws docs/images/rooms.svg: the engine's rooms and which of them use which, as the sources say.
.DESCRIPTION
A room is a folder of src/HyperDas.Engine, which is a namespace too. Of the references between rooms only those are drawn that no way
through other rooms implies. RoomPictureTests compares the picture with the compiled engine and names this script when it is out of date.
.EXAMPLE
dotnet run -c Release --project src/HyperDas.Shell -- build/Write-RoomPicture.ps1
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest
$root = [System.IO.Path]::GetDirectoryName($PSScriptRoot)
$engine = [System.IO.Path]::Combine($root, 'src', 'HyperDas.Engine')
$width = 150; $height = 34; $apart = 28; $down = 64; $margin = 24

# Which room names which: by a using directive or by a name that begins with the room's.
$rooms = [ordered]@{}
foreach ($folder in [System.IO.Directory]::GetDirectories($engine) | Sort-Object) {
    $name = [System.IO.Path]::GetFileName($folder)
    $files = [System.IO.Directory]::GetFiles($folder, '*.cs', 'AllDirectories')
    if ($name -cin 'bin', 'obj' -or -not $files) { continue }
    $text = -join ($files | ForEach-Object { [System.IO.File]::ReadAllText($_) })
    $named = [regex]::Matches($text, '\bEngine\.([A-Z]\w+)') | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
    $rooms[$name] = @($named | Where-Object { $_ -cne $name -and [System.IO.Directory]::Exists([System.IO.Path]::Combine($engine, $_)) })
}

function Get-Reach([string] $Room) {
    $seen = [System.Collections.Generic.HashSet[string]]::new()
    $open = [System.Collections.Generic.Queue[string]]::new([string[]] $rooms[$Room])
    while ($open.Count) { $next = $open.Dequeue();
        if ($seen.Add($next)) { foreach ($further in $rooms[$next]) { $open.Enqueue($further) } } }
    , $seen
}
$reach = @{}
foreach ($room in $rooms.Keys) { $reach[$room] = Get-Reach $room }
$cycle = @($rooms.Keys | Where-Object { $reach[$_].Contains($_) })
if ($cycle) { throw "These rooms use each other: $($cycle -join ', '). There is no picture of that." }

# A room stands above all that it uses.
$level = @{}
function Get-Level([string] $Room) {
    if (-not $level.ContainsKey($Room)) {
        $below = @($rooms[$Room] | ForEach-Object { Get-Level $_ })
        $level[$Room] = $below.Count ? 1 + ($below | Measure-Object -Maximum).Maximum : 0
    }
    $level[$Room]
}
$rows = $rooms.Keys | Group-Object { Get-Level $_ } | Sort-Object { [int] $_.Name }
$most = ($rows | ForEach-Object Count | Measure-Object -Maximum).Maximum
$wide = 2 * $margin + $most * $width + ($most - 1) * $apart + 2 * 70
$high = 2 * $margin + @($rows).Count * $height + (@($rows).Count - 1) * ($down - $height)
$place = @{}
foreach ($row in $rows) {
    # Beside each other as what they use stands.
    $left = ($wide - $row.Count * $width - ($row.Count - 1) * $apart) / 2
    $names = @($row.Group | Sort-Object { $own = @($rooms[$_] | Where-Object { $place.ContainsKey($_) } | ForEach-Object { $place[$_].X });
        $own ? ($own | Measure-Object -Average).Average : 0 })
    for ($i = 0; $i -lt $names.Count; $i++) {
        $place[$names[$i]] = @{ X = $left + $i * ($width + $apart); Y = $high - $margin - $height - [int] $row.Name * $down }
    }
}

$invariant = [cultureinfo]::InvariantCulture
$svg = [System.Collections.Generic.List[string]]::new()
$svg.Add([string]::Format($invariant,
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" role="img" font-family="sans-serif">', $wide,
    $high))
$svg.Add('<title>The rooms of the engine; a line goes down to what a room uses</title>')
$svg.Add('<rect width="100%" height="100%" fill="#ffffff"/>')
$svg.Add('<g fill="none" stroke="#5b7a99" stroke-width="1.4">')
foreach ($room in $rooms.Keys) {
    foreach ($used in $rooms[$room]) {
        if ($rooms[$room] | Where-Object { $reach[$_].Contains($used) }) { continue }
        $from = $place[$room]; $to = $place[$used]
        $steps = ($to.Y - $from.Y) / $down
        $x1 = $from.X + $width / 2; $y1 = $from.Y + $height; $x2 = $to.X + $width / 2; $y2 = $to.Y
        if ($steps -le 1) {
            $path = [string]::Format($invariant, 'M{0} {1}L{2} {3}', $x1, $y1, $x2, $y2)
        }
        else {
            # Around what stands between.
            $right = $x1 -gt $wide / 2
            $side = $right ? [Math]::Max($from.X, $to.X) + $width : [Math]::Min($from.X, $to.X)
            $out = $side + ($right ? 1 : -1) * (18 + 14 * $steps)
            $x1 = $right ? $from.X + $width : $from.X; $x2 = $right ? $to.X + $width : $to.X
            $path = [string]::Format($invariant, 'M{0} {1}C{2} {1} {2} {4} {3} {4}', $x1, ($from.Y + $height / 2), $out, $x2,
                ($to.Y + $height / 2))
        }
        $svg.Add("<path d=`"$path`" data-from=`"$room`" data-uses=`"$used`"/>")
    }
}
$svg.Add('</g>')
foreach ($room in $rooms.Keys) {
    $at = $place[$room]
    $svg.Add([string]::Format($invariant, '<rect x="{0}" y="{1}" width="{2}" height="{3}" rx="5" fill="#eef3f8" stroke="#2f4b66"/>', $at.X,
        $at.Y, $width, $height))
    $svg.Add([string]::Format($invariant, '<text x="{0}" y="{1}" text-anchor="middle" font-size="15" fill="#16283a">{2}</text>',
        ($at.X + $width / 2), ($at.Y + 22), $room))
}
$svg.Add('</svg>')
[System.IO.File]::WriteAllText([System.IO.Path]::Combine($root, 'docs', 'images', 'rooms.svg'), ($svg -join "`n") + "`n")
