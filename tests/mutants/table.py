"""Which layers here are right, and what is wrong with the others: the cause, and where it shows."""

CORRECT = (
    "conv2d:Conv2d",
    "conv2d:TapsConv2d",
    "conv2d:CorrelatedConv2d",
    "conv2d:Im2colConv2d",
    "conv2d:MapsConv2d",
    "conv1d:Conv1d",
    "conv1d:ConvolvedConv1d",
    "transposed:ConvTranspose2d",
    "transposed:CorrelatedConvTranspose2d",
    "transposed1d:ConvTranspose1d",
    "transposed1d:CorrelatedConvTranspose1d",
    "depthwise:DepthwiseConv2d",
    "depthwise:FlatDepthwiseConv2d",
    "depthwise:GatheredDepthwiseConv2d",
)

# For every cause, and what is at fault with it (dx, dw, db, or y): the classes, as module:Class.
_CAUSES = {
    ("filter-not-rotated", "dx"): """
        conv2d_input:FilterNotRotated conv2d_input:FilterRotatedTwice conv2d_input:FilterReadBackwards
        conv1d:FilterNotRotated conv1d:FilterRotatedTwice depthwise:FilterNotRotated
    """,
    ("filter-rotated-on-one-axis", "dx"): """
        conv2d_input:RowsReversedOnly conv2d_input:ColumnsReversedOnly transposed:RowsReversed
        depthwise:ColumnsReversedOnly
    """,
    ("filter-rotated-by-90", "dx"): "conv2d_input:RotatedOnce conv2d_input:RotatedBackOnce transposed:RotatedOnce",
    ("channels-reversed", "dx"): """
        conv2d_input:EveryAxisFlipped conv2d_input:InputChannelsFlipped conv2d_input:FiltersFlipped
        conv1d:EveryAxisFlipped transposed:ChannelsReversed depthwise:EveryAxisFlipped
    """,
    ("axes-swapped", "dx"): """
        conv2d_input:ChannelsWrongWayRound conv2d_input:SidesSwapped conv2d_input:BatchStaysSecond
        conv1d:ChannelsLast transposed:SidesSwapped transposed1d:ChannelsLast
    """,
    ("axes-swapped", "dw"): """
        conv2d_filters:ChannelsFirst conv2d_filters:SidesSwapped conv1d_rest:FilterAxesSwapped
        transposed_rest:FilterAxesSwapped depthwise_rest:ChannelsSecond depthwise_rest:SidesSwapped
    """,
    ("reshape-for-transpose", "dx"): """
        conv2d_input:FilterReshaped conv2d_input:GradientReshaped conv2d_input:FiltersReshaped
        conv2d_input:ColumnsReshaped conv1d:FilterReshaped transposed:FilterReshaped transposed:ProductReshaped
        transposed1d:FilterReshaped
    """,
    ("reshape-for-transpose", "dw"): """
        conv2d_filters:UpstreamReshaped conv2d_filters:ProductReshaped conv2d_filters:TapsBeforeChannels
        conv1d_rest:ProductReshaped conv1d_rest:UpstreamReshaped transposed_rest:InputReshaped
        transposed1d:ProductReshaped depthwise_rest:EntriesReshaped
    """,
    ("first-sample-only", "dx"): "conv2d_input:FirstSample transposed:FirstSample",
    ("first-sample-only", "dw"): """
        conv2d_filters:FirstSample conv1d_rest:FirstSampleFilters transposed1d:FirstSampleFilters
        depthwise_rest:FirstSample
    """,
    ("first-sample-only", "db"): "conv2d_bias_and_forward:FirstSample",
    ("last-sample-only", "dx"): "conv2d_input:LastSample depthwise:LastSample",
    ("last-sample-only", "dw"): """
        conv2d_filters:LastSample conv1d_rest:LastSampleFilters transposed_rest:LastSampleFilters
    """,
    ("last-sample-only", "db"): "conv2d_bias_and_forward:LastSample depthwise_rest:BiasOfTheLastSample",
    ("mean-over-batch", "dx"): "conv2d_input:MeanOverBatch",
    ("mean-over-batch", "dw"): """
        conv2d_filters:MeanOverBatch conv1d_rest:MeanOverBatch transposed_rest:MeanOverBatch
        depthwise_rest:MeanOverBatch
    """,
    ("mean-over-batch", "db"): "conv2d_bias_and_forward:MeanOverBatch",
    ("upstream-ignored", "dx"): "conv2d_input:UpstreamIgnored transposed:UpstreamIgnored",
    ("upstream-ignored", "dw"): """
        conv2d_filters:UpstreamIgnored conv1d_rest:UpstreamIgnored depthwise_rest:UpstreamIgnored
    """,
    ("upstream-ignored", "db"): "conv2d_bias_and_forward:PositionsCounted transposed_rest:BiasPositionsCounted",
    ("wrong-sign", "dx"): "conv2d_input:Subtracted transposed:Subtracted",
    ("wrong-sign", "dw"): "conv2d_filters:Subtracted conv1d_rest:Subtracted",
    ("wrong-sign", "db"): "conv2d_bias_and_forward:Negated depthwise_rest:BiasNegated",
    ("constant-factor", "dx"): "conv2d_input:Doubled depthwise:Doubled",
    ("constant-factor", "dw"): "conv2d_filters:Halved transposed_rest:Halved",
    ("constant-factor", "db"): "conv2d_bias_and_forward:Doubled",
    ("padding-not-removed", "dx"): "conv2d_windows:PaddingKept conv1d:PaddingKept depthwise:PaddingKept",
    ("padding-not-removed", "y"): "transposed_rest:OutputNotCropped",
    ("padding-removed-twice", "dx"): "conv2d_windows:PaddingRemovedTwice conv1d:PaddingRemovedTwice",
    ("padding-removed-twice", "y"): "transposed_rest:OutputCroppedTwice",
    ("padding-removed-from-wrong-axes", "dx"): """
        conv2d_windows:CutAtTheCorner conv2d_windows:CutFromTheEnd conv1d:CutAtTheStart depthwise:CutAtTheCorner
        conv2d_windows:CutOnTheFirstAxes conv2d_windows:CutFromTheRowsOnly conv2d_windows:CutBeforeOnly
        conv1d:CutFromTheChannels conv1d:CutAfterOnly depthwise:CutFromTheColumnsOnly
    """,
    ("padding-removed-from-wrong-axes", "y"): "transposed_rest:OutputCroppedBeforeOnly",
    ("empty-at-padding-0", "dx"): """
        conv2d_windows:EmptyWithoutPadding conv1d:EmptyWithoutPadding depthwise:EmptyWithoutPadding
    """,
    ("empty-at-padding-0", "y"): "transposed_rest:OutputEmptyWithoutPadding transposed1d:OutputEmptyWithoutPadding",
    ("backward-padding-differs", "dx"): """
        conv2d_windows:PaddedAsForward conv2d_windows:PaddedEvenly transposed:DyNotPadded transposed1d:DyNotPadded
    """,
    ("backward-padding-differs", "dw"): """
        conv2d_filters:UnpaddedInput conv2d_filters:InputInTheCorner conv2d_filters:EdgesRepeated
        conv1d_rest:PaddedBehindOnly conv1d_rest:UnpaddedInput transposed_rest:DyPaddedBehindOnly
    """,
    ("shifted-by-one", "dx"): """
        conv2d_windows:CentreOfEvenFilters conv1d:CentreOfEvenFilters transposed:CentreOfEvenFilters
        depthwise:CentreOfEvenFilters
    """,
    ("shifted-by-one", "dw"): "conv2d_filters:CentreOfEvenFilters",
    ("stride-ignored", "dx"): """
        conv2d_windows:NoZerosBetween conv2d_windows:WindowsSideBySide conv1d:PlacesNotStrided
        transposed:StrideIgnored transposed:CorrelatedWithoutStride transposed1d:StrideIgnored
        depthwise:NoZerosBetween
    """,
    ("stride-ignored", "dw"): """
        conv2d_filters:DyNotDilated conv2d_filters:WindowsSideBySide conv1d_rest:PlacesNotStrided
        transposed_rest:StrideIgnored depthwise_rest:StrideIgnored
    """,
    ("remainder-lost", "dx"): "conv2d_windows:RemainderLost conv1d:RemainderLost depthwise:RemainderLost",
    ("dilation-ignored", "dx"): """
        conv2d_windows:WindowsNotDilated conv2d_windows:FilterNotDilated conv1d:FilterNotDilated
        transposed:DilationIgnored transposed1d:DilationIgnored
    """,
    ("dilation-ignored", "dw"): """
        conv2d_filters:WindowsNotDilated conv1d_rest:PlacesNotDilated transposed_rest:DilationIgnored
    """,
    ("overwritten", "dx"): """
        conv2d_windows:WindowsOverwritten conv2d_windows:TapsOverwritten conv2d_windows:FiltersOverwritten
        conv2d_windows:RepeatedPlacesLost conv1d:RepeatedPlacesLost transposed:OutputsOverwritten
        transposed1d:OutputsOverwritten depthwise:TapsOverwritten
    """,
    ("overwritten", "dw"): """
        conv2d_filters:WindowsOverwritten conv2d_filters:ChannelsOverwritten conv1d_rest:WindowsOverwritten
        transposed_rest:WindowsOverwritten depthwise_rest:WindowsOverwritten
    """,
    ("overwritten", "db"): "conv2d_bias_and_forward:PositionsOverwritten",
    ("overwritten", "y"): "transposed_rest:OutputWindowsOverwritten transposed1d:OutputPlacesLost",
    ("last-window-lost", "dx"): """
        conv2d_windows:LastWindowsLost conv2d_windows:LastColumnLost conv1d:LastWindowLost
        transposed:LastWindowsLost
    """,
    ("last-window-lost", "dw"): "conv2d_filters:LastWindowsLost conv1d_rest:LastWindowLost",
    ("last-window-lost", "db"): "conv2d_bias_and_forward:LastWindowsLost transposed1d:BiasLastWindowLost",
    ("filter-gradient-rotated", "dw"): """
        conv2d_filters:Rotated conv2d_filters:RotatedAfterwards conv1d_rest:FilterGradientRotated
        transposed_rest:FilterGradientRotated transposed1d:FilterGradientRotated
        depthwise_rest:FilterGradientRotated
    """,
    ("upstream-rotated", "dw"): "conv2d_filters:UpstreamRotated conv1d_rest:UpstreamRotated",
    ("not-summed-over-batch", "dw"): """
        conv2d_filters:BatchKept conv1d_rest:BatchKept transposed_rest:BatchKept transposed1d:BatchKept
        depthwise_rest:BatchKept
    """,
    ("mean-over-positions", "dw"): """
        conv2d_filters:MeanOverPositions conv1d_rest:MeanOverPositions transposed1d:MeanOverPositions
        depthwise_rest:MeanOverPositions
    """,
    ("mean-over-positions", "db"): """
        conv2d_bias_and_forward:MeanOverPositions conv1d_rest:BiasMeanOverPositions
        transposed_rest:BiasMeanOverPositions
    """,
    ("bias-axes", "db"): """
        conv2d_bias_and_forward:SummedOverBatchOnly conv2d_bias_and_forward:SummedOverSpaceOnly
        conv2d_bias_and_forward:SummedOverEverything conv2d_bias_and_forward:SummedOverChannelsLast
        conv2d_bias_and_forward:AxesKept conv1d_rest:BiasSummedOverBatchOnly conv1d_rest:BiasSummedOverSpaceOnly
        conv1d_rest:BiasAsAColumn transposed_rest:BiasPerPosition transposed_rest:BiasPerSample
        transposed1d:BiasScalar depthwise_rest:BiasSummedOverChannels depthwise_rest:BiasAxesKept
    """,
    ("forward-off", "y"): """
        conv2d_bias_and_forward:LastOutputsLost conv2d_bias_and_forward:OutputsOfTheRemainder
        conv2d_bias_and_forward:OutputsCountedWithoutTheRemainder conv2d_bias_and_forward:StrideOnlyInTheSize
        conv2d_bias_and_forward:DilationOnlyInTheSize conv2d_bias_and_forward:PaddedBeforeOnly
        conv2d_bias_and_forward:BiasTwice conv2d_bias_and_forward:BiasTwiceInBothPasses
        conv2d_bias_and_forward:BiasForgotten conv2d_bias_and_forward:BiasForTheFirstSample
        conv2d_bias_and_forward:BiasWithEveryTap conv1d_rest:LastOutputLost conv1d_rest:BiasForgotten
        transposed_rest:LastOutputsLost transposed_rest:BiasInsideTheWindows depthwise_rest:LastOutputsLost
        depthwise_rest:BiasPerPixelOfTheFilter
    """,
    ("one-group-only", "dx"): """
        conv2d_groups_and_calls:FirstGroupInput conv2d_groups_and_calls:FirstGroupChannels
        depthwise:FirstChannelOnly
    """,
    ("one-group-only", "dw"): "conv2d_groups_and_calls:FirstGroupFilters depthwise_rest:FirstChannelFilters",
    ("groups-ignored", "dx"): """
        conv2d_groups_and_calls:GroupsIgnoredInput conv2d_groups_and_calls:GroupsTiledInput depthwise:ChannelSummed
    """,
    ("groups-ignored", "dw"): """
        conv2d_groups_and_calls:GroupsIgnoredFilters conv2d_groups_and_calls:FirstGroupsInputForAll
        depthwise_rest:EveryChannelMet depthwise_rest:FirstChannelMet
    """,
    ("groups-mixed", "dx"): """
        conv2d_groups_and_calls:GroupsInterleavedInput conv2d_groups_and_calls:GroupsStackedBehind
    """,
    ("groups-mixed", "dw"): "conv2d_groups_and_calls:GroupsInterleavedFilters conv2d_groups_and_calls:GroupsInReverse",
    ("accumulated", "dw"): """
        conv2d_groups_and_calls:FiltersSummedInTheLayer conv2d_groups_and_calls:FiltersSummedInTheClass
        conv1d_rest:FiltersSummedInTheLayer transposed_rest:FiltersSummedInTheLayer
        depthwise_rest:FiltersSummedInTheLayer
    """,
    ("accumulated", "db"): "conv2d_groups_and_calls:BiasSummedInTheLayer",
    ("accumulated", "dx"): "conv2d_groups_and_calls:WorkspaceNotCleared",
    ("wrong-position", "dx"): """
        conv2d_groups_and_calls:GradientsExchanged conv2d_groups_and_calls:UpstreamReturned
        conv1d_rest:GradientsExchanged transposed_rest:GradientsExchanged
    """,
    ("wrong-position", "dw"): "conv2d_groups_and_calls:FiltersAndBiasExchanged",
    ("updated-before-use", "dx"): """
        conv2d_groups_and_calls:UpdatedBeforeUse conv2d_groups_and_calls:UpdatedFilterByFilter
        conv1d_rest:UpdatedBeforeUse transposed_rest:UpdatedBeforeUse depthwise_rest:UpdatedBeforeUse
    """,
    ("filter-rotated", "dx"): "transposed:FilterRotated transposed1d:FilterRotated",
}

# From module:Class to the cause's id and to what is at fault.
MUTANTS: dict[str, tuple[str, str]] = {name: found for found, names in _CAUSES.items() for name in names.split()}
