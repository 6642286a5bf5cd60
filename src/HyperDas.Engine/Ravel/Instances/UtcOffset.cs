using System.Globalization;
using NodaTime;
using NodaTime.TimeZones;

namespace HyperDas.Engine.Ravel.Instances;

/// <summary>
/// A time zone as the UTC offset that templates ask for (docs/methods.md#judging-a-completion). Offsets depend on the date, which is
/// therefore fixed; the engine includes the time-zone database, which makes them independent of the machine.
/// </summary>
public static class UtcOffset
{
    /// <summary>The default date of the offsets.</summary>
    public static DateOnly DefaultDate => RavelInstanceOptions.DefaultTimeZoneDate;

    /// <summary>Edition of the time-zone database.</summary>
    public static string Edition => TzdbDateTimeZoneSource.Default.TzdbVersion;

    /// <summary>Sign, hours without leading zero and minutes: <c>Asia/Kolkata</c> → <c>+5:30</c>.</summary>
    /// <param name="zone">IANA name.</param>
    /// <param name="date">The date.</param>
    /// <returns>The offset at noon UTC of that date. From 12 hours east on it is counted westwards, as in the benchmark.</returns>
    /// <exception cref="HyperDasException"><c>TimeZoneNotFound</c>.</exception>
    public static string Of(string zone, DateOnly date)
    {
        DateTimeZone known = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone)
            ?? throw new HyperDasException(
                "TimeZoneNotFound", HyperDasErrorKind.InvalidData,
                $"'{zone}' isn't a time zone of the IANA database, edition {Edition}; the gold value must be a name like Europe/Vienna.", zone);
        int minutes = known.GetUtcOffset(Instant.FromUtc(date.Year, date.Month, date.Day, 12, 0)).Seconds / 60;
        int hours = Math.Abs(minutes) / 60, rest = Math.Abs(minutes) % 60;
        bool east = minutes >= 0;
        if (east && hours >= 12)
        {
            (east, hours) = (false, 24 - hours);
        }
        return string.Create(CultureInfo.InvariantCulture, $"{(east ? '+' : '-')}{hours}:{rest:00}");
    }
}
