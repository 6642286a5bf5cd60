using HyperDas.Engine.Files;
using Xunit;

namespace HyperDas.Engine.Tests.Files;

/// <summary>Windows' scanners hold files for a moment after they are written; nothing else is worth waiting for.</summary>
public sealed class PatienceTests
{
    private const int SharingViolation = unchecked((int)0x80070020), DiskFull = unchecked((int)0x80070070);
    private readonly List<TimeSpan> _waits = [];

    [Fact]
    public void A_file_that_a_scanner_holds_is_replaced_when_it_lets_go()
    {
        int tries = 0;

        AtomicFile.Patiently(() => ThrowUntil(++tries, last: 4, SharingViolation), _waits.Add);

        Assert.Equal(4, tries);
        Assert.Equal(_waits.Order(), _waits);
    }

    [Fact]
    public void A_file_that_stays_open_is_an_error_after_a_few_seconds()
    {
        Assert.Throws<IOException>(() => AtomicFile.Patiently(() => ThrowUntil(0, last: 1, SharingViolation), _waits.Add));

        Assert.InRange(_waits.Sum(w => w.TotalSeconds), 1, 5);
    }

    [Fact]
    public void A_full_disk_is_an_error_at_once()
    {
        Assert.Throws<IOException>(() => AtomicFile.Patiently(() => ThrowUntil(0, last: 1, DiskFull), _waits.Add));

        Assert.Empty(_waits);
    }

    private static void ThrowUntil(int attempt, int last, int code)
    {
        if (attempt < last)
        {
            throw new IOException("in use", code);
        }
    }
}
