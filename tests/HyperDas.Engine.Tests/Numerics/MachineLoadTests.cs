using HyperDas.Engine.Numerics;
using Xunit;

namespace HyperDas.Engine.Tests.Numerics;

public class MachineLoadTests
{
    [Theory]
    [InlineData("0.20 0.18 0.12 1/80 11206\n", 1)]
    [InlineData("16.00 12.50 9.75 17/1024 7\n", 17)]
    [InlineData("0.20 0.18 0.12 many/80 11206\n", null)]
    [InlineData("0.20 0.18", null)]
    [InlineData("", null)]
    public void The_running_threads_stand_fourth_in_the_systems_line(string text, int? running) =>
        Assert.Equal(running, MachineLoad.Running(text));

    [Fact]
    public void There_is_never_room_for_more_threads_than_processors() =>
        Assert.False(MachineLoad.HasRoomFor(Environment.ProcessorCount + 1));
}
